import { randomInt } from 'node:crypto';
import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';
import { EXIT, ExitError } from './exit.ts';

/** Letters and digits that nobody takes for others: 32 of them, so that 20 are 100 bits. */
const PLAIN = 'abcdefghjkmnpqrstuvwxyz23456789_';
const GENERATED_LENGTH = 20;

export function generatedPassword(): string {
  return Array.from({ length: GENERATED_LENGTH }, () => PLAIN[randomInt(PLAIN.length)]).join('');
}

/** Asked for twice where somebody types, without showing it; else the first line of standard input. */
export async function readPassword(): Promise<string> {
  if (!process.stdin.isTTY) return await line('');
  const password = await line('password: ');
  if (password !== (await line('again: ')))
    throw new ExitError(EXIT.usage, 'these are two different passwords');
  return password;
}

async function line(question: string): Promise<string> {
  const silence = new Writable({ write: (_chunk, _encoding, done) => done() });
  const terminal = process.stdin.isTTY;
  const reader = createInterface({ input: process.stdin, output: silence, terminal });
  process.stderr.write(question);
  try {
    const { value } = await reader[Symbol.asyncIterator]().next();
    return typeof value === 'string' ? value : '';
  } finally {
    reader.close();
    if (terminal) process.stderr.write('\n');
  }
}
