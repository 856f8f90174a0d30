/** Runs `bin/postern` as people run it. */
import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';

export interface Result {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** `env`: on top of ours. `input`: what is piped into it. */
export async function runPostern(
  args: readonly string[],
  env: Readonly<Record<string, string>>,
  input?: string,
): Promise<Result> {
  const child = spawn('bin/postern', args, {
    stdio: ['pipe', 'pipe', 'pipe'],
    env: { ...process.env, ...env },
  });
  child.stdin.on('error', () => {}); // it may have ended without reading
  child.stdin.end(input);
  const exited = new Promise<number | null>((resolve) => child.once('exit', resolve));
  const [status, stdout, stderr] = await Promise.all([exited, text(child.stdout), text(child.stderr)]);
  return { status, stdout, stderr };
}
