import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';

/** A process to end before its directory is removed. */
export interface ReapedProcess {
  readonly pid: number;
  /** Ends it at once; also when it is frozen. */
  readonly signal: 'QUIT' | 'KILL';
}

/**
 * Waits for our end: its standard input closes, whatever killed us. Then ends the process, if there is one, and removes
 * the directory. The word `released` instead of the end of input: the process is gone already.
 * $1 directory, $2 process ID or nothing, $3 signal.
 */
const SCRIPT = `
read -r word
if [ -n "$2" ] && [ "$word" != released ]; then
  kill -s "$3" "$2"; kill -s CONT "$2"
  tries=0
  while kill -0 "$2" && [ $tries -lt 50 ]; do sleep 0.1; tries=$((tries + 1)); done
fi
rm -rf "$1"`;

/** Removes a directory when we release it or when this process ends, also by a crash or SIGKILL. */
export class Reaper {
  readonly #shell: ChildProcess;

  constructor(directory: string, process: ReapedProcess | null = null) {
    const args = [directory, ...(process ? [`${process.pid}`, process.signal] : [])];
    this.#shell = spawn('/bin/sh', ['-c', SCRIPT, 'reaper', ...args], {
      cwd: '/',
      detached: true, // out of reach of Ctrl-C
      stdio: ['pipe', 'ignore', 'ignore'],
    });
    this.#shell.stdin?.on('error', () => {}); // it went before us: nothing is left to tell it
    this.#shell.unref();
  }

  /** The process has ended: remove the directory, or leave it alone (`keep`). */
  async release(keep = false): Promise<void> {
    if (this.#shell.exitCode !== null || this.#shell.signalCode !== null) return;
    this.#shell.ref();
    const gone = once(this.#shell, 'exit');
    if (keep) this.#shell.kill('SIGKILL');
    else this.#shell.stdin?.end('released\n');
    await gone;
  }
}
