import { readFileSync } from 'node:fs';
import test from 'ava';
import { ERRORS } from '../../proxy/errors.ts';

test('docs/errors.md lists exactly the catalogue', (t) => {
  const manual = readFileSync(new URL('../../docs/errors.md', import.meta.url), 'utf8');
  const rows = [...manual.matchAll(/^\| (\w+) \| ([0-9A-Z]{5}) \|/gm)].map(([, name, sqlstate]) => [
    name,
    sqlstate,
  ]);
  t.deepEqual(Object.fromEntries(rows), { ...ERRORS });
});
