/** Wrong usage of the command line: `message` is the one line people read. Exit code 2. */
export class UsageError extends Error {}
