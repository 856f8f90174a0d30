/** What changing a setting (SET, set_config, startup packet, ALTER ROLE ... SET) amounts to: PostgreSQL 13-18. */
import { settings } from './data/settings.ts';

/**
 * `pinned`: refused unless isPinnedValue. `names`: search_path. `session`: free. `server`: needs `admin`; so does every
 * setting nobody has reviewed, and a custom one (`app.tenant`), which row-level security policies may rely on.
 */
export type SettingClass = 'pinned' | 'session' | 'names' | 'server';

const classes: ReadonlyMap<string, SettingClass> = new Map(
  [...settingLists()].flatMap(([kind, names]) => names.map((name) => [name, kind] as const)),
);

/** Parameters of well-known extensions that only tune a search. */
const harmlessCustom = /^(pg_trgm\.(strict_word_|word_)?similarity_threshold|(hnsw|ivfflat)\.[a-z_]+)$/;

/** The class of a setting, by its name in any case, as SET or ALTER SYSTEM would spell it. */
export function settingClass(name: string): SettingClass {
  const key = name.toLowerCase();
  return classes.get(key) ?? (harmlessCustom.test(key) ? 'session' : 'server');
}

/** What pinned settings are pinned to, in the spellings the server takes; setting that changes nothing. */
const pinnedValues: Readonly<Record<string, RegExp>> = {
  backslash_quote: /^safe_encoding$/i,
  client_encoding: /^(utf[-_]?8|unicode)$/i,
  role: /^none$/, // any other case of it names a role
  standard_conforming_strings: /^(on|t|tr|tru|true|y|ye|yes|1)$/i,
  transform_null_equals: /^(of|off|f|fa|fal|fals|false|n|no|0)$/i,
};

/** True if `value` is what the pinned setting `name` is pinned to. (RESET and SET ... TO DEFAULT lead back to it too.) */
export function isPinnedValue(name: string, value: string): boolean {
  return pinnedValues[name.toLowerCase()]?.test(value) ?? false;
}

/** Settings that PostgreSQL shows to superusers and pg_read_all_settings alone; SHOW and current_setting need `admin`. */
const hidden: ReadonlySet<string> = new Set(
  words(`
    config_file data_directory dynamic_library_path extension_control_path external_pid_file hba_file ident_file
    jit_provider krb_server_keyfile log_directory log_filename oauth_validator_libraries primary_conninfo
    session_preload_libraries shared_preload_libraries ssl_ciphers ssl_dh_params_file ssl_ecdh_curve ssl_groups
    ssl_max_protocol_version ssl_min_protocol_version ssl_passphrase_command ssl_tls13_ciphers stats_temp_directory
    unix_socket_directories
  `),
);

/** True if the setting's value is a secret of the server's (passwords, paths). */
export function isHiddenSetting(name: string): boolean {
  return hidden.has(name.toLowerCase());
}

/** The reviewed lists as they stand, so that a test can find a name that stands on two of them. */
export function* settingLists(): Iterable<readonly [SettingClass, readonly string[]]> {
  yield ['pinned', words(settings.pinned)];
  yield ['names', words(settings.names)];
  yield ['session', words(settings.session + settings.sessionPlanner)];
  yield ['server', words(settings.server)];
}

function words(list: string): readonly string[] {
  return list.trim().split(/\s+/);
}
