/** The process that parses long texts, when something ends. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import test from 'ava';
import type { Reading } from '../../server/parser-host.ts';
import { ParserProcess } from '../../server/parser-process.ts';

/** Takes the parser most of a second. */
const longText = (): string => `select 1 in (${'1,'.repeat(1_000_000)}1)`;

/** A program that has a parser busy, and prints when it is. */
const BUSY = `
const { ParserProcess } = await import(${JSON.stringify(join(import.meta.dirname, '../../server/parser-process.ts'))});
const parser = new ParserProcess({ read: ({ kind }) => console.log(kind), lost: () => {} });
parser.post((${longText})());
`;

/** IDs of the processes with this parent; on Linux only. */
const childrenOf = (parent: number): readonly number[] =>
  readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && parentOf(name) === parent)
    .map(Number);

/** Fields behind the name, which is in parentheses: state, parent ...; undefined when it is gone. */
function parentOf(pid: string): number | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    const [state, parent] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return state === 'Z' ? undefined : Number(parent);
  } catch {
    return undefined;
  }
}

test('it is gone when it is ended, whatever it is doing', async (t) => {
  let reading = 0;
  const lost = new Promise<void>((resolve) => {
    const parser = new ParserProcess({
      read: () => {
        reading++;
        parser.end();
      },
      lost: resolve,
    });
    parser.post(longText());
  });
  await lost;
  t.is(reading, 1, 'in the middle of its work');
});

test('one that dies is told as lost, and what was recorded before is there', async (t) => {
  const readings: Reading[] = [];
  await new Promise<void>((resolve) => {
    const parser = new ParserProcess({
      read: (reading) => {
        readings.push(reading);
        parser.end();
      },
      lost: resolve,
    });
    parser.post(`select '${'x'.repeat(5_000_000)}'`);
  });
  t.is(readings[0]?.kind, 'redaction');
});

if (process.platform === 'linux') {
  test('it does not outlive its parent', async (t) => {
    const parent = spawn(process.execPath, ['--input-type=module', '-e', BUSY], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    await once(createInterface({ input: parent.stdout }), 'line');
    const [parser] = childrenOf(parent.pid as number);
    t.not(parser, undefined);
    parent.kill('SIGKILL');
    await once(parent, 'exit');
    while (parentOf(`${parser}`) !== undefined) await sleep(50);
    t.deepEqual(childrenOf(parent.pid as number), []);
  });
}
