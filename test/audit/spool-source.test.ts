import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import anyTest, { type ExecutionContext, type TestFn } from 'ava';
import type { SpooledEvent } from '../../audit/events.ts';
import { listSegments } from '../../audit/segments.ts';
import { SpoolSource } from '../../audit/spool-source.ts';
import { segmentPath, streamPath, temporary, written } from './support.ts';
import { trailSourceContract } from './trail-source-contract.ts';

const test = anyTest as TestFn;

trailSourceContract(test, {
  open: async (spool) => new SpoolSource(spool),
  caughtUp: async () => {},
});

/** Segments of some events each. */
async function segmented(t: ExecutionContext): Promise<string> {
  const directory = temporary(t);
  await written(directory, 1_500, { segmentBytes: 100_000 });
  t.true(listSegments(streamPath(directory)).length > 4);
  return directory;
}

const numbers = (items: readonly SpooledEvent[]) =>
  items.map((event) => (event.type === 'statement' ? event.statement : null));

test('pages go on across segments, and past those that have gone meanwhile', async (t) => {
  const directory = await segmented(t);
  const source = new SpoolSource(directory);
  const first = await source.events({ order: 'newest', limit: 700 });
  t.deepEqual(numbers(first.items), count(1_500, 801));
  rmSync(segmentPath(directory, 1));
  const cursor = first.next ?? '';
  const rest = await source.events({ order: 'newest', limit: 1_000, cursor });
  t.is(rest.next, null);
  const last = Number(numbers(rest.items).at(-1));
  t.deepEqual(numbers(rest.items), count(800, last));
  t.true(last > 1, 'what has gone is not there');
  await source.close();
});

test('a damaged line is left out; what others write and prune is followed', async (t) => {
  const directory = await segmented(t);
  const file = segmentPath(directory, 2);
  const lines = readFileSync(file, 'utf8').split('\n');
  const [before = '', damaged = ''] = lines;
  writeFileSync(file, [before, damaged.replace('{', '['), ...lines.slice(2)].join('\n'));
  const source = new SpoolSource(directory);
  const { items } = await source.events({ order: 'oldest', limit: 1_000 });
  const { seq } = JSON.parse(damaged) as { seq: number };
  t.deepEqual(
    numbers(items),
    count(1, 1_001).filter((number) => number !== seq),
  );
  await written(directory, 1, { stream: 'w2' });
  t.is((await source.events({ order: 'newest', limit: 1 })).items[0]?.seq, 1);
  await source.close();
});

test('what is no longer indexed is searched all the same, and the source says of what it knows but a part', async (t) => {
  const directory = await segmented(t);
  const source = new SpoolSource(directory, 2);
  const all: SpooledEvent[] = [];
  for (let cursor: string | null | undefined; cursor !== null; ) {
    const page = await source.events({ order: 'newest', limit: 400, ...(cursor && { cursor }) });
    all.push(...page.items);
    cursor = page.next;
  }
  t.deepEqual(numbers(all), count(1_500, 1));
  t.deepEqual(numbers((await source.events({ order: 'oldest', limit: 3 })).items), [1, 2, 3]);
  t.deepEqual(numbers((await source.events({ order: 'oldest', limit: 3, text: '700' })).items), [700]);
  const first = Number(await source.knownSince().then((since) => Date.parse(since ?? '')));
  const indexed = listSegments(streamPath(directory)).slice(-2);
  const line = readFileSync(segmentPath(directory, indexed[0]), 'utf8').split('\n')[0] ?? '';
  t.is(first, Date.parse((JSON.parse(line) as SpooledEvent).at));
  t.is(await new SpoolSource(directory).knownSince(), null);
  await source.close();
});

/** From one to another, both in. */
function count(from: number, to: number): readonly number[] {
  const step = from < to ? 1 : -1;
  return Array.from({ length: Math.abs(to - from) + 1 }, (_, i) => from + i * step);
}
