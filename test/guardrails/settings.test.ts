import test from 'ava';
import { isHiddenSetting, isPinnedValue, settingClass, settingLists } from '../../guardrails/settings.ts';
import { column, onEachVersion, repeated } from './servers.ts';

const reviewed = new Set([...settingLists()].flatMap(([, names]) => names));

/** Settings that belong to superusers or nobody, and that we still leave to the session. */
const FREED = ['lc_messages'];

test('every setting of the live servers is classified, and none is freer than PostgreSQL has it', async (t) => {
  await onEachVersion(async (server, version) => {
    const names = await column(server, 'select lower(name) from pg_settings');
    t.deepEqual(
      names.filter((name) => !reviewed.has(name)),
      [],
      `unclassified on ${version}`,
    );
    const guarded = await column(server, `select name from pg_settings where context <> 'user'`);
    t.deepEqual(
      guarded.filter((name) => settingClass(name) === 'session' && !FREED.includes(name)),
      [],
      `free here, but not in ${version}`,
    );

    await server.query('create role nobody_special');
    const shown = await column(server, 'set role nobody_special; select name from pg_settings');
    const hidden = names.filter((name) => !shown.some((other) => other.toLowerCase() === name));
    t.true(hidden.includes('primary_conninfo'));
    const told = ['extension_destdir']; // Debian's own, an empty prefix
    t.deepEqual(
      hidden.filter((name) => !isHiddenSetting(name) && !told.includes(name)),
      [],
      `hidden by ${version}, but not here`,
    );
  });
});

const SPELLINGS = {
  standard_conforming_strings: ['on', 'ON', 'tru', 'yes', 'y', '1', 'o', 'off', '0', 'n', ' on', '2', 'on '],
  transform_null_equals: ['off', 'of', 'F', 'no', '0', 'o', 'on', '1', 'tr'],
  client_encoding: ['UTF8', 'utf-8', 'Unicode', 'utf_8', 'LATIN1', 'SQL_ASCII', 'SJIS', 'GBK', 'UTF16', ''],
  backslash_quote: ['safe_encoding', 'SAFE_ENCODING', 'on', 'off', 'safe'],
  role: ['none', 'NONE', 'None', 'postgres', ' none', ''],
} as const;

test('a spelling that counts as the pinned value leaves the setting as it was', async (t) => {
  await onEachVersion(async (server) => {
    await server.query('create role "NONE"; create role "None"; create role " none"');
    for (const [name, values] of Object.entries(SPELLINGS)) {
      const [before] = await column(server, `set client_encoding = 'UTF8'; show ${name}`);
      for (const value of values.filter((spelling) => isPinnedValue(name, spelling))) {
        const [after] = await column(server, `select set_config('${name}', '${value}', false); show ${name}`);
        const same = (text: string | undefined) => text?.toLowerCase().replace(/unicode|utf[-_]8/, 'utf8');
        t.is(same(after), same(before), `${name} = ${value}`);
      }
    }
  });
  const accepted = Object.entries(SPELLINGS).map(([name, all]) =>
    all.filter((value) => isPinnedValue(name, value)),
  );
  t.deepEqual(accepted, [
    ['on', 'ON', 'tru', 'yes', 'y', '1'],
    ['off', 'of', 'F', 'no', '0'],
    ['UTF8', 'utf-8', 'Unicode', 'utf_8'],
    ['safe_encoding', 'SAFE_ENCODING'],
    ['none'],
  ]);
});

test('no setting stands on two lists', (t) => {
  t.deepEqual(repeated(settingLists()), []);
});

test('names in any case; what nobody has reviewed, and custom settings, are not free', (t) => {
  t.is(settingClass('Standard_Conforming_Strings'), 'pinned');
  t.is(settingClass('SEARCH_PATH'), 'names');
  t.is(settingClass('TimeZone'), 'session');
  t.is(settingClass('statement_timeout'), 'session');
  t.is(settingClass('row_security'), 'session');
  t.is(settingClass('session_replication_role'), 'server');
  t.is(settingClass('app.tenant'), 'server');
  t.is(settingClass('plpgsql.variable_conflict'), 'server');
  t.is(settingClass('hnsw.ef_search'), 'session');
  t.is(settingClass('hnsw.ef_search.more'), 'server');
  t.is(settingClass('no_such_setting'), 'server');
  t.is(settingClass('__proto__'), 'server');
  t.true(isHiddenSetting('Primary_ConnInfo'));
});
