import test from 'ava';
import { isHarmlessExtension } from '../../guardrails/harmless-extensions.ts';
import { onEachVersion } from './servers.ts';

/** Volatile, and reviewed: random values, a mode or threshold of the session, and machinery that SQL can't call. */
const VOLATILE = new Set([
  ...[
    'gen_random_bytes',
    'gen_random_uuid',
    'gen_salt',
    'uuid_generate_v1',
    'uuid_generate_v1mc',
    'uuid_generate_v4',
  ],
  ...['pgp_pub_encrypt', 'pgp_pub_encrypt_bytea', 'pgp_sym_encrypt', 'pgp_sym_encrypt_bytea', 'set_limit'],
  ...['dintdict_init', 'dintdict_lexize', 'dxsyn_init', 'dxsyn_lexize', 'unaccent_init', 'unaccent_lexize'],
  ...[
    'blhandler',
    'system_rows',
    'system_time',
    'int_agg_state',
    'int_agg_final_array',
    'fips_mode',
    'isn_weak',
  ],
]);

test('what the harmless extensions bring has been looked at', async (t) => {
  await onEachVersion(async (server, version) => {
    const available = await server.query<{ name: string }>('select name from pg_available_extensions');
    const harmless = available.map(({ name }) => name).filter(isHarmlessExtension);
    t.true(harmless.length >= 20);
    await server.query(
      harmless.map((name) => `create extension if not exists "${name}" cascade;`).join('\n'),
    );
    const functions = await server.query<{
      name: string;
      volatile: boolean;
      language: string;
      definer: boolean;
    }>(`
      select proname as name, provolatile = 'v' as volatile, lanname as language, prosecdef as definer
      from pg_proc p join pg_language l on l.oid = prolang
      join pg_depend d on d.classid = 'pg_proc'::regclass and d.objid = p.oid and d.deptype = 'e'
      join pg_extension e on e.oid = d.refobjid where extname <> 'plpgsql'`);
    t.true(functions.length > 900);
    for (const { name, volatile, language, definer } of functions) {
      t.true(['c', 'internal', 'sql'].includes(language), `${name} is written in ${language} (${version})`);
      t.false(definer, `${name} runs with its owner's rights (${version})`);
      t.true(!volatile || VOLATILE.has(name), `${name} is volatile (${version})`);
    }
  });
});

test('what runs SQL or leaves the database is not among them', (t) => {
  for (const name of [
    'dblink',
    'postgres_fdw',
    'tablefunc',
    'xml2',
    'pg_stat_statements',
    'lo',
    'plpgsql',
    null,
  ]) {
    t.false(isHarmlessExtension(name), String(name));
  }
});
