/** What a slow disk takes longer for each fdatasync, ms. */
export const SLOW_MS = 10;
