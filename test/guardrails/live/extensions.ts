import { extensionLists, isHarmlessExtension } from '../../../guardrails/harmless-extensions.ts';
import { column, type Server } from '../servers.ts';
import type { LiveCheck } from './server.ts';

/** Not of PostgreSQL itself. */
const ELSEWHERE = 'vector';
export const listedExtensions: readonly string[] = extensionLists()
  .flatMap(([, names]) => names)
  .filter((name) => name !== ELSEWHERE);

export const presentExtensions = (server: Server): Promise<readonly string[]> =>
  column(server, 'select name from pg_available_extensions');

/** Volatile, and reviewed. */
const VOLATILE = new Set(
  words(`
    gen_random_bytes gen_random_uuid gen_salt uuid_generate_v1 uuid_generate_v1mc uuid_generate_v4
    pgp_pub_encrypt pgp_pub_encrypt_bytea pgp_sym_encrypt pgp_sym_encrypt_bytea
    fips_mode isn_weak set_limit
    blhandler dintdict_init dintdict_lexize dxsyn_init dxsyn_lexize int_agg_final_array int_agg_state system_rows
    system_time unaccent_init unaccent_lexize
    autoinc insert_username moddatetime
  `),
);

export const everyExtensionIsReviewed: LiveCheck = async (t, server, version) => {
  const available = await presentExtensions(server);
  t.deepEqual(
    available.filter((name) => !listedExtensions.includes(name)),
    [],
    `unreviewed on ${version}`,
  );

  const harmless = available.filter(isHarmlessExtension);
  t.true(harmless.length >= 20);
  await server.query('create database extended');
  // One may be there already, if another that is named earlier needs it: they come in the order of a directory.
  const create = harmless.map((name) => `create extension if not exists "${name}" cascade;`);
  await server.query(create.join('\n'), 'extended');
  const functions = await server.query<{
    name: string;
    volatile: boolean;
    language: string;
    definer: boolean;
  }>(
    `select proname as name, provolatile = 'v' as volatile, lanname as language, prosecdef as definer
     from pg_proc p join pg_language l on l.oid = prolang
     join pg_depend d on d.classid = 'pg_proc'::regclass and d.objid = p.oid and d.deptype = 'e'
     join pg_extension e on e.oid = d.refobjid where extname <> 'plpgsql'`,
    'extended',
  );
  t.true(functions.length > 900);
  for (const { name, volatile, language, definer } of functions) {
    t.true(['c', 'internal', 'sql'].includes(language), `${name} is written in ${language} (${version})`);
    t.false(definer, `${name} runs with its owner's rights (${version})`);
    t.true(!volatile || VOLATILE.has(name), `${name} is volatile (${version})`);
  }
};

function words(list: string): readonly string[] {
  return list.trim().split(/\s+/);
}
