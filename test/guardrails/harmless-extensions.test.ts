import test from 'ava';
import {
  extensionLists,
  extensionReason,
  isHarmlessExtension,
} from '../../guardrails/harmless-extensions.ts';
import { repeated } from './servers.ts';

const GUARDED = ['dblink', 'postgres_fdw', 'tablefunc', 'xml2', 'pg_stat_statements', 'lo', 'plpgsql'];

test('what runs SQL or leaves the database is not harmless, and neither is what nobody has reviewed', (t) => {
  for (const name of [...GUARDED, 'postgis', null]) t.false(isHarmlessExtension(name), String(name));
  for (const name of ['hstore', 'citext', 'vector', 'moddatetime']) t.true(isHarmlessExtension(name), name);
});

test('the reason tells what the extension does', (t) => {
  t.is(extensionReason('dblink'), 'the extension dblink reaches other databases');
  for (const name of GUARDED) t.truthy(extensionReason(name), name);
  for (const name of ['hstore', 'postgis', 'constructor', null]) t.is(extensionReason(name), null);
});

test('no extension stands on two lists', (t) => {
  t.deepEqual(repeated(extensionLists()), []);
});
