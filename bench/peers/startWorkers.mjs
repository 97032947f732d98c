// Starts two workers that do nothing: what a program in Node pays before two threads can work.
import { Worker, isMainThread } from 'node:worker_threads';

if (isMainThread) for (let i = 0; i < 2; i++) new Worker(new URL(import.meta.url));
