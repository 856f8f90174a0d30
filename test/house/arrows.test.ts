import { globSync, readFileSync } from 'node:fs';
import test from 'ava';
import { ALLOWED, arrowsOf, importsOf, isAllowed, readArrows } from './arrows.ts';

const FOLDERS = [...new Set(Object.keys(ALLOWED).map((folder) => folder.split('/')[0] as string))];
const sources = FOLDERS.flatMap((folder) => list(`${folder}/**/*.{ts,tsx}`));

function list(pattern: string): readonly string[] {
  return globSync(pattern, { exclude: (name) => name === 'node_modules' });
}

function lines(file: string): number {
  return readFileSync(file, 'utf8').trimEnd().split('\n').length;
}

test('every import in the source follows the arrows', (t) => {
  t.true(sources.length > 20, 'the source files are found');
  const wrong = readArrows(sources).filter((arrow) => !isAllowed(arrow));
  t.deepEqual(wrong, []);
});

test('the checker sees the imports of the real files', (t) => {
  const arrows = readArrows(['proxy/ports.ts', 'cli/commands.ts']);
  t.true(
    arrows.some(({ from, to, types }) => from === 'proxy/ports.ts' && to === 'audit/events.ts' && types),
  );
  t.true(arrows.some(({ from, to, types }) => from === 'cli/commands.ts' && to === 'cli/demo.ts' && !types));
});

test('the checker reads every form of import', (t) => {
  const source = `
    import a from './a.ts';
    import * as b from "./b.ts";
    import './c.ts';
    import {
      d,
      type D,
    } from './d.ts';
    export * from './e.ts';
    export { f } from './f.ts';
    import type { G } from './g.ts';
    import { type H, type I as J } from './h.ts';
    export type { K } from './k.ts';
    const l = await import('./l.ts');
    // import m from './m.ts';
    /* import n from './n.ts'; */
    const text = "import o from './o.ts'";
  `;
  const seen = importsOf(source).map(
    ({ specifier, types }) => `${specifier.slice(2, -3)}${types ? ' type' : ''}`,
  );
  t.deepEqual(seen, ['a', 'b', 'c', 'd', 'e', 'f', 'g type', 'h type', 'k type', 'l']);
  t.throws(() => importsOf('await import(path)'), { message: /cannot be checked/ });
  t.throws(() => importsOf('await import(`./a.ts`)'), { message: /cannot be checked/ });
});

const violations: readonly (readonly [string, string])[] = [
  ['proxy/wire/frame.ts', `import { Session } from '../session.ts';`],
  ['proxy/wire/frame.ts', `import type { Verdict } from '../../guardrails/types.ts';`],
  ['proxy/session.ts', `import { decide } from '../guardrails/decide.ts';`],
  ['proxy/session.ts', `import { type Verdict, decide } from '../guardrails/types.ts';`],
  ['guardrails/decide.ts', `import type { Metrics } from '../proxy/ports.ts';`],
  ['guardrails/decide.ts', `export * from '../access/grant.ts';`],
  ['audit/spool.ts', `import { parse } from '../guardrails/parse.ts';`],
  ['access/grants.ts', `const { parse } = await import('../guardrails/parse.ts');`],
  ['access/grants.ts', `import '../proxy/wire/frame.ts';`],
  ['server/compose.ts', `import { run } from '../cli/main.ts';`],
  ['cli/grant.ts', `import { startRedis } from '../test/helpers/redis.ts';`],
  ['guardrails/parse.ts', `import { Redis } from 'ioredis';`],
  ['guardrails/parse.ts', `import { connect } from 'node:net';`],
  ['proxy/gate.ts', `import { Redis } from 'ioredis';`],
  ['proxy/wire/frame.ts', `import { connect } from 'node:net';`],
  ['review/console/api/answers.ts', `import { sessionAnswer } from '../../../server/api/session-schema.ts';`],
  ['review/console/api/answers.ts', `import { readFileSync } from 'node:fs';`],
  ['server/compose.ts', `import { App } from '../review/console/app.tsx';`],
  ['somewhere/else.ts', `import { Grant } from '../access/grant.ts';`],
];
for (const [file, source] of violations) {
  test(`a violation is caught: ${file}: ${source}`, (t) => {
    t.deepEqual(arrowsOf(file, source).map(isAllowed), [false]);
  });
}

const allowed: readonly (readonly [string, string])[] = [
  ['proxy/session.ts', `import { readFrame } from './wire/frame.ts';`],
  ['proxy/session.ts', `import type { Verdict } from '../guardrails/types.ts';`],
  ['guardrails/parse.ts', `import { parseSync } from 'libpg-query';`],
  ['access/grants.ts', `import type { Scope } from '../guardrails/types.ts';`],
  ['server/compose.ts', `import { Listener } from '../proxy/listener.ts';`],
  ['review/console/api/answers.ts', `import type { S } from '../../../server/api/session-schema.ts';`],
  ['review/console/app.tsx', `import { signal } from '@preact/signals';`],
  ['cli/demo.ts', `import { runDemo } from '../server/demo/demo.ts';`],
];
for (const [file, source] of allowed) {
  test(`an arrow is allowed: ${file}: ${source}`, (t) => {
    t.deepEqual(arrowsOf(file, source).map(isAllowed), [true]);
  });
}

test('no file is longer than 400 lines', (t) => {
  t.deepEqual(
    list('**/*.{ts,tsx,mjs,css}').filter((file) => lines(file) > 400),
    [],
  );
});

test('a command is thin: at most 150 lines', (t) => {
  t.deepEqual(
    list('cli/*.ts').filter((file) => lines(file) > 150),
    [],
  );
});
