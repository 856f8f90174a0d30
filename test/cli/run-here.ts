/**
 * Runs `postern` in this process, which costs a hundredth of one of its own: for usage, help, and answers about files.
 * Whether a command comes to its end and lets go of what it holds, only `runPostern` shows.
 */
import { Readable } from 'node:stream';
import { run } from '../../cli/run.ts';
import type { Result } from './run-postern.ts';

let last: Promise<unknown> = Promise.resolve();

/** One after the other. `env`: on top of ours. `input`: its standard input. */
export function runHere(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
  input = '',
): Promise<Result> {
  const result = last.then(() => captured(args, env, input));
  last = result.catch(() => {});
  return result;
}

async function captured(
  args: readonly string[],
  env: Readonly<Record<string, string>>,
  input: string,
): Promise<Result> {
  const stdout: string[] = [];
  const stderr: string[] = [];
  const undo = [
    replaced(process.stdout, 'write', writer(stdout)),
    replaced(process.stderr, 'write', writer(stderr)),
    replaced(process, 'stdin', Readable.from([input])),
    replaced(process, 'env', { ...process.env, ...env }),
  ];
  try {
    process.exitCode = undefined;
    const status = await run(args);
    return { status, stdout: stdout.join(''), stderr: stderr.join('') };
  } finally {
    process.exitCode = undefined;
    for (const each of undo) each();
  }
}

function writer(lines: string[]): (text: string | Uint8Array) => boolean {
  return (text) => {
    lines.push(typeof text === 'string' ? text : Buffer.from(text).toString('utf8'));
    return true;
  };
}

/** Gives what puts the property back. */
function replaced(target: object, name: string, value: unknown): () => void {
  const before = Object.getOwnPropertyDescriptor(target, name);
  Object.defineProperty(target, name, { value, configurable: true, writable: true });
  return () => {
    if (before === undefined) Reflect.deleteProperty(target, name);
    else Object.defineProperty(target, name, before);
  };
}
