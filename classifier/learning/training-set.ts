/** The project's own training set: classifier/training-set, read and written out in full. */
import { readFileSync } from 'node:fs';
import { fill, inject, injectBroken, type Payload } from './compose.ts';
import type { StatementExample } from './examples.ts';
import { Random } from './random.ts';

const FOLDER = new URL('../training-set/', import.meta.url);

export function readPayloads(file: 'payloads.tsv' | 'bad.tsv' | 'context.tsv'): readonly Payload[] {
  return readFileSync(new URL(file, FOLDER), 'utf8')
    .trim()
    .split('\n')
    .map((line) => {
      const [family, shape] = line.split('\t');
      return { family: family as string, shape: shape as string };
    });
}

export function readBenign(): readonly StatementExample[] {
  let kind = '';
  const examples: StatementExample[] = [];
  for (const line of readFileSync(new URL('benign.sql', FOLDER), 'utf8').trim().split('\n')) {
    if (line.startsWith('-- ')) kind = line.startsWith('-- kind: ') ? line.slice(9) : kind;
    else
      examples.push({
        sql: line,
        bad: false,
        kind: `own_${kind}`,
        source: 'own',
        contextual: false,
        hard: false,
      });
  }
  return examples;
}

/** Written bad statements, `each` times with other words. */
export function ownBad(random: Random, each: number): readonly StatementExample[] {
  const shapes = [
    ...readPayloads('bad.tsv').map((payload) => ({ ...payload, contextual: false })),
    ...readPayloads('context.tsv').map((payload) => ({ ...payload, contextual: true })),
  ];
  return shapes.flatMap(({ family, shape, contextual }) =>
    Array.from({ length: each }, () => ({
      sql: fill(shape, random),
      bad: true,
      kind: `own_${family}`,
      source: 'own',
      contextual,
      hard: false,
    })),
  );
}

/** Each payload `each` times in statements of `bases`; one in `brokenEvery` need not parse. */
export function injected(
  bases: readonly string[],
  random: Random,
  each: number,
): readonly StatementExample[] {
  return readPayloads('payloads.tsv').flatMap((payload) =>
    Array.from({ length: each }, () => injectedOne(bases, payload, random)).filter(
      (example) => example !== null,
    ),
  );
}

function injectedOne(bases: readonly string[], payload: Payload, random: Random): StatementExample | null {
  const broken = random.next() < 0.06;
  for (let attempt = 0; attempt < 4; attempt++) {
    const base = random.pick(bases);
    const sql = broken ? injectBroken(base, payload, random) : inject(base, payload, random);
    if (sql !== null && sql !== base)
      return { sql, bad: true, kind: `own_${payload.family}`, source: 'own', contextual: false, hard: false };
  }
  return null;
}

/** Typing errors: harmless statements that do not parse. */
export function mistyped(
  bases: readonly string[],
  random: Random,
  count: number,
): readonly StatementExample[] {
  return Array.from({ length: count }, () => {
    const base = random.pick(bases);
    const at = random.below(base.length);
    const sql = random.pick([
      base.slice(0, at),
      base.slice(0, at) + base.slice(at + 1 + random.below(3)),
      base.replace(/\bfrom\b/i, 'form'),
      base.replace(/['")]/, ''),
      `${base.slice(0, at)},${base.slice(at)}`,
    ]);
    return { sql, bad: false, kind: 'own_mistyped', source: 'own', contextual: false, hard: false };
  });
}

/** All of it, as a training set by itself. */
export function ownTrainingSet(seed: number): readonly StatementExample[] {
  const random = new Random(seed);
  const benign = readBenign();
  const bases = benign.map(({ sql }) => sql);
  return [...benign, ...mistyped(bases, random, 40), ...ownBad(random, 10), ...injected(bases, random, 4)];
}
