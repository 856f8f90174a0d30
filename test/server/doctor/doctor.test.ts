/** `postern doctor`: what it says of a database that is not set up, and that what it says makes it so. */
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { loadConfig } from '../../../server/config.ts';
import { examine } from '../../../server/doctor/doctor.ts';
import type { Finding } from '../../../server/doctor/finding.ts';
import type { OwnPostgres } from '../../../server/embedded/postgres.ts';
import { startPostgres } from '../../helpers/postgres.ts';
import { startRedis } from '../../helpers/redis.ts';

const VERSIONS = [13, 15, 16, 18] as const;
const directory = mkdtempSync(join(tmpdir(), 'postern-doctor-'));
const redis = await startRedis();
test.after.always(async () => {
  rmSync(directory, { recursive: true, force: true });
  await redis.stop();
});

let files = 0;
function configFile(databases: Readonly<Record<string, unknown>>, more: object = {}): string {
  const file = join(directory, `${++files}.yaml`);
  const config = {
    redis: redis.url,
    signingKey: 'k'.repeat(32),
    databases,
    audit: { spool: './spool' },
    ...more,
  };
  writeFileSync(file, JSON.stringify(config));
  return file;
}

const doctor = (...args: Parameters<typeof configFile>) => examine(loadConfig(configFile(...args)));
const bad = (findings: readonly Finding[]) => findings.filter(({ level }) => level !== 'ok');

for (const version of VERSIONS) {
  test(`its SQL makes the second wall stand, on PostgreSQL ${version}`, async (t) => {
    const server = await startPostgres({ version });
    try {
      await server.query(`
        create role service login password 'x'; create role writer;
        create schema app authorization writer; set role writer;
        create table app.t (id serial, secret text); create view app.v as select id from app.t;
        create function app.f() returns int language sql as 'select 1';
        create function app.g() returns int language sql security definer as 'select 1';
        revoke execute on function app.f() from public; grant execute on function app.f() to service;
        grant usage on schema app to service; grant select, update on app.t to service; grant select on app.v to service;
        grant usage on sequence app.t_id_seq to service`);
      const url = `postgresql://service:x@127.0.0.1:${server.port}/postgres`;
      const wall = { shop: { url, roles: 'ephemeral' } };
      const before = bad(await doctor(wall));
      t.deepEqual(
        before.filter(({ level }) => level === 'fail').map(({ what, remedy }) => [what, ...remedy]),
        [['the service role may not make roles', 'ALTER ROLE "service" CREATEROLE;']],
      );
      for (const { remedy } of before) for (const sql of remedy) await server.query(sql);
      const after = await doctor(wall);
      t.deepEqual(
        bad(after).map(({ what }) => what),
        version < 16
          ? [
              'before PostgreSQL 16, CREATEROLE lets the service role grant itself any role but a superuser: guard its password',
            ]
          : [],
      );
      t.true(after.some(({ what }) => what === 'a role was made, used and dropped for a trial'));
      const [left] = await server.query(
        `select count(*)::int as roles from pg_roles where rolname ~ '^postern_'`,
      );
      t.is(left!.roles, 0);
      const [granted] = await server.query(
        `select has_table_privilege('service', 'app.t', 'UPDATE WITH GRANT OPTION') as may,
                has_table_privilege('service', 'app.t', 'DELETE') as more`,
      );
      t.deepEqual({ ...granted }, { may: true, more: false });
      await server.query('set role writer; create table app.later (id serial)');
      t.deepEqual(bad(await doctor(wall)), bad(after), 'the next table is like the others');
      await onlyWhatStandsInTheWay(t, server, () => doctor(wall));
    } finally {
      await server.stop();
    }
  });
}

/** That nobody may connect, unless it is passed on; that code runs on GRANT. */
async function onlyWhatStandsInTheWay(
  t: ExecutionContext,
  server: OwnPostgres,
  examined: () => Promise<readonly Finding[]>,
): Promise<void> {
  const failures = async () => (await examined()).filter(({ level }) => level === 'fail');
  await server.query(
    'revoke connect on database postgres from public; grant connect on database postgres to service',
  );
  const [login, ...others] = await failures();
  t.deepEqual(others, []);
  t.regex(login!.what, /^a role of a grant can't log in: .*permission denied for database/);
  t.deepEqual(login!.remedy, ['GRANT CONNECT ON DATABASE "postgres" TO "service" WITH GRANT OPTION;']);
  await server.query(login!.remedy[0]!);
  t.deepEqual(await failures(), []);
  await server.query(`
    create function public.refuse() returns event_trigger language plpgsql as
      $$ begin raise exception 'nothing is granted here'; end $$;
    create event trigger refuse on ddl_command_end when tag in ('GRANT') execute function public.refuse()`);
  t.deepEqual(
    (await failures()).map(({ what }) => what),
    ["a role of a grant can't be made: nothing is granted here"],
  );
  const [left] = await server.query(
    `select count(*)::int as roles from pg_roles where rolname ~ '^postern_'`,
  );
  t.is(left!.roles, 0);
}

test('what is wrong is told, each by itself', async (t) => {
  const server = await startPostgres({ hba: ['host all postgres,narrow,wide 127.0.0.1/32 scram-sha-256'] });
  try {
    await server.query(`
      create role narrow login createrole password 'x';
      create role wide login createdb password 'x'; grant pg_read_all_settings to wide;
      create table public.t (id int); alter table public.t enable row level security;
      create policy few on public.t as restrictive to narrow using (id < 10);
      create policy several on public.t to narrow using (id > 1);
      create policy many on public.t using (true);
      create extension postgres_fdw; create server elsewhere foreign data wrapper postgres_fdw;
      create user mapping for narrow server elsewhere options (user 'x', password 'x');
      alter role narrow set log_statement = 'all'`);
    const url = (role: string, password = 'x') =>
      `postgresql://${role}:${password}@127.0.0.1:${server.port}/postgres`;
    const file = configFile({});
    const findings = await doctor(
      {
        superuser: { url: server.url() },
        wide: { url: url('wide') },
        narrow: { url: url('narrow'), roles: 'ephemeral' },
        wrong: { url: url('wide', 'y') },
        away: { url: 'postgresql://a:b@127.0.0.1:1/x' },
      },
      { redis: 'redis://127.0.0.1:1', audit: { spool: `${file}/spool` } },
    );
    const told = (about: string) =>
      bad(findings.filter((finding) => finding.about === about)).map(({ what }) => what);
    t.deepEqual(told('database superuser'), ['the service role is a superuser: nothing bounds it']);
    t.deepEqual(told('database wide'), [
      'sessions run with CREATEDB',
      'sessions run with the rights of pg_read_all_settings',
    ]);
    const [login, ...more] = told('database narrow');
    t.regex(login!, /^a role of a grant can't log in: .*no pg_hba.conf entry/);
    t.deepEqual(more, [
      'only a superuser could copy these settings of the service role: log_statement',
      't is granted to no role: its restrictive policy few is for narrow',
      't shows fewer rows to roles of grants: its policy several is for narrow',
      'roles of grants can not use the foreign server elsewhere: its user mapping is for narrow alone',
    ]);
    t.regex(told('database wrong').join(), /^refuses: password authentication failed/);
    t.regex(told('database away').join(), /^can't be reached: .*ECONNREFUSED/);
    t.regex(told('redis').join(), /^can't be reached: .*ECONNREFUSED/);
    t.regex(told('spool').join(), /can't be written to: /);
  } finally {
    await server.stop();
  }
});

test('the command: text, JSON and exit codes', async (t) => {
  const file = configFile({ shop: { url: 'postgresql://a:b@127.0.0.1:1/x' } });
  const run = (...args: string[]) =>
    new Promise<{ code: number; out: string }>((resolve) => {
      const command = new URL('../../../bin/postern', import.meta.url).pathname;
      const child = execFile(command, ['doctor', '--config', ...args], (_fault, out) =>
        resolve({ code: child.exitCode ?? -1, out }),
      );
    });
  const failed = await run(file);
  t.is(failed.code, 1);
  t.regex(failed.out, /^fail {2}database shop: can't be reached: /);
  t.regex(failed.out, /^ok {4}redis: answers$/m);
  const { findings } = JSON.parse((await run(file, '--json')).out) as { findings: readonly Finding[] };
  t.like(findings[0], { about: 'database shop', level: 'fail', remedy: [] });
  t.is((await run(join(directory, 'gone.yaml'))).code, 2);
});
