import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

/** A helper process that stops when its standard input ends, so that it does not outlive us. */
export class OwnChild {
  readonly #child: ChildProcess;
  readonly firstLine: string;

  /** Resolves with the first line that the process prints. */
  static async start(
    script: string,
    args: readonly string[],
    nodeArgs: readonly string[] = [],
  ): Promise<OwnChild> {
    const child = spawn(process.execPath, [...nodeArgs, script, ...args], {
      detached: true, // a scheduling group of its own, as the other targets have
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    const lines = createInterface({ input: child.stdout });
    const [line] = await Promise.race([once(lines, 'line'), once(child, 'exit').then(() => [''])]);
    if (line === '') throw new Error(`${script} did not start`);
    return new OwnChild(child, String(line));
  }

  private constructor(child: ChildProcess, firstLine: string) {
    this.#child = child;
    this.firstLine = firstLine;
  }

  get pid(): number {
    return this.#child.pid as number;
  }

  async stop(): Promise<void> {
    this.#child.stdin?.end();
    if (this.#child.exitCode === null) await once(this.#child, 'exit');
  }
}
