/** See build-console.mjs. */
export function buildConsole(): Promise<void>;
