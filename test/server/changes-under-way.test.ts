import test from 'ava';
import { INITIAL_NAMES, type MadeName } from '../../guardrails/names.ts';
import { ChangesUnderWay } from '../../server/changes-under-way.ts';

const made = (name: string, schema = 'public'): MadeName => ({ schema, name, gone: true });
const namesOver = (changes: ChangesUnderWay, session: string) =>
  changes.over(INITIAL_NAMES, session).made.map(({ name }) => name);

test('names mean to others what they may mean to the session that changes them', (t) => {
  const changes = new ChangesUnderWay();
  t.true(changes.begin('1 1', { made: [made('a')] }));
  t.true(changes.begin('1 1', { made: [made('b')], schemas: ['s'] }));
  t.deepEqual(namesOver(changes, '1 2'), ['a', 'b']);
  t.deepEqual(changes.over(INITIAL_NAMES, '1 2').schemas, ['s']);
  t.is(changes.over(INITIAL_NAMES, '1 2').paths, INITIAL_NAMES.paths, 'paths are everybody’s own');
  t.is(changes.over(INITIAL_NAMES, '1 1'), INITIAL_NAMES);
  t.true(changes.byOthers('1 2'));
  t.false(changes.byOthers('1 1'));
});

test('temporary objects are nothing to others, nor are new ones', (t) => {
  const changes = new ChangesUnderWay();
  const { version } = changes;
  t.false(changes.begin('1 1', { made: [{ schema: 'public', name: 'new' }] }));
  t.false(changes.begin('1 1', { made: [made('a', 'pg_temp')] }));
  t.is(changes.version, version);
  t.false(changes.byOthers('1 2'));
});

test('they end, and who waits is told', async (t) => {
  const changes = new ChangesUnderWay();
  changes.begin('1 1', { made: [made('a')] });
  const { version } = changes;
  const ended = changes.nextEnd();
  changes.end('1 1');
  await ended;
  t.not(changes.version, version);
  t.deepEqual(namesOver(changes, '1 2'), []);
});

test('the end of earlier changes is not that of later ones', (t) => {
  const changes = new ChangesUnderWay();
  changes.begin('1 1', { made: [made('a')] });
  const earlier = changes.of('1 1');
  changes.begin('1 1', { made: [made('b')] });
  changes.end('1 1', earlier);
  t.deepEqual(namesOver(changes, '1 2'), ['a', 'b']);
});

test('a process ends with all of its sessions', (t) => {
  const changes = new ChangesUnderWay();
  for (const session of ['1 1', '1 2', '11 1']) changes.begin(session, { made: [made(session)] });
  changes.endAll('1 ');
  t.deepEqual(namesOver(changes, '2 1'), ['11 1']);
});
