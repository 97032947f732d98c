#!/usr/bin/env node
import 'tsx';
await import('./codeLauncher.ts');
