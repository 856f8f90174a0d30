import { isHiddenSetting, isPinnedValue, settingClass, settingLists } from '../../../guardrails/settings.ts';
import { column, type Server } from '../servers.ts';
import type { LiveCheck } from './server.ts';

/** Debian's own. */
const ELSEWHERE = 'extension_destdir';
export const listedSettings: readonly string[] = [...settingLists()]
  .flatMap(([, names]) => names)
  .filter((name) => name !== ELSEWHERE);
const reviewed = new Set(listedSettings);

/** Of the listed ones, also those that pg_settings does not show. */
export const presentSettings = (server: Server): Promise<readonly string[]> =>
  column(
    server,
    `select name from unnest(array['${listedSettings.join("', '")}']) as name where current_setting(name, true) is not null`,
  );

/** Settings that belong to superusers or nobody, and that we still leave to the session. */
const FREED = ['lc_messages'];

export const everySettingHasAClass: LiveCheck = async (t, server, version) => {
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
  t.deepEqual(
    hidden.filter((name) => !isHiddenSetting(name)),
    [],
    `hidden by ${version}, but not here`,
  );
};

export const SPELLINGS = {
  standard_conforming_strings: ['on', 'ON', 'tru', 'yes', 'y', '1', 'o', 'off', '0', 'n', ' on', '2', 'on '],
  transform_null_equals: ['off', 'of', 'F', 'no', '0', 'o', 'on', '1', 'tr'],
  client_encoding: ['UTF8', 'utf-8', 'Unicode', 'utf_8', 'LATIN1', 'SQL_ASCII', 'SJIS', 'GBK', 'UTF16', ''],
  backslash_quote: ['safe_encoding', 'SAFE_ENCODING', 'on', 'off', 'safe'],
  role: ['none', 'NONE', 'None', 'postgres', ' none', ''],
} as const;

/** A spelling that counts as the pinned value leaves the setting as it was. */
export const pinnedSpellingsChangeNothing: LiveCheck = async (t, server) => {
  await server.query('create role "NONE"; create role "None"; create role " none"');
  for (const [name, values] of Object.entries(SPELLINGS)) {
    const [before] = await column(server, `set client_encoding = 'UTF8'; show ${name}`);
    for (const value of values.filter((spelling) => isPinnedValue(name, spelling))) {
      const [after] = await column(server, `select set_config('${name}', '${value}', false); show ${name}`);
      const same = (text: string | undefined) => text?.toLowerCase().replace(/unicode|utf[-_]8/, 'utf8');
      t.is(same(after), same(before), `${name} = ${value}`);
    }
  }
};
