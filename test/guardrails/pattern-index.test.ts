import test from 'ava';
import { CompiledScope } from '../../guardrails/scope.ts';
import { ACTIONS } from '../../guardrails/types.ts';

const NAMES = ['a', 'ab', 'A', 'b', '*', 'a.b', 'a\0b', ''];
const PARTS = ['a', 'A', 'ab', '"A"', '"a"', '"*"', '*', 'a*', '*b', '"a.b"'];

/** What one line alone covers is what it covers among many: the index finds each pattern that a walk over all would. */
test('a line among others covers what it covers alone', (t) => {
  const patterns = PARTS.flatMap((schema) => PARTS.map((name) => `${schema}.${name}`));
  const asked = NAMES.flatMap((schema) => NAMES.map((name) => ({ schema, name })));
  const compiled = (on: readonly string[]) => new CompiledScope([{ actions: ['select'], on }], ACTIONS);
  const alone = patterns.map((pattern) => compiled([pattern]));
  for (const left of patterns.keys()) {
    const rest = patterns.filter((_, index) => index !== left);
    const among = compiled(rest);
    for (const each of asked) {
      const expected = alone.some((scope, index) => index !== left && scope.covers('select', each).covered);
      if (among.covers('select', each).covered !== expected) t.fail(JSON.stringify([patterns[left], each]));
    }
  }
  t.true(compiled(['"a".*']).covers('select', { schema: 'a', name: 'x' }).covered);
  t.false(compiled(['"a".*', '!a.x']).covers('select', { schema: 'a', name: 'x' }).covered);
  t.false(compiled(['A.X', '!"a".*']).covers('select', { schema: 'a', name: 'x' }).covered);
});
