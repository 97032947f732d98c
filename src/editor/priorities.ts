/** Which of the calls waiting for a worker goes first: what someone waits for now before what they may look at next. */
export const PRIORITY = { open: 4, asked: 3, size: 2, statistics: 1, preview: 0, confirm: -1 } as const;

/** Layers of one kind worked on at the same time: as many as there are workers. */
export const CONCURRENT_LAYERS = 2;
