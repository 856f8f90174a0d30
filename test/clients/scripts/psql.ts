import { execFile, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { DESCRIBE } from '../client-table.ts';
import { runSteps, SLOW, type Steps, target } from '../steps.ts';

const BASE = ['--no-psqlrc', '--no-align', '--tuples-only', '--set=VERBOSITY=sqlstate'];
const files = mkdtempSync(join(tmpdir(), 'postern-psql-'));

/** What psql prints for an input, errors among the rest in their order. */
async function psql(
  input: string,
  options: readonly string[] = BASE,
  settings: object = {},
): Promise<readonly string[]> {
  // One pipe for both, or their order would be lost.
  const child = spawn('/bin/sh', ['-c', 'exec psql "$@" 2>&1', 'psql', ...options, target()], {
    env: { ...process.env, ...settings },
  });
  const output: string[] = [];
  child.stdout.on('data', (chunk) => output.push(`${chunk}`));
  child.stdin.end(`\\set ECHO none\n\\pset pager off\n${input}\n`);
  await new Promise((resolve) => child.on('close', resolve));
  return output
    .join('')
    .replace(/^Pager usage is off\.\n/, '')
    .split('\n');
}

/** What each describing command prints, all in one session; who and where we are is left out, since runs differ in it. */
async function describeAll(): Promise<readonly (readonly string[])[]> {
  const input = DESCRIBE.map((command) => `\\echo ${MARK}\n${command}\n`).join('');
  const { hostname, port, username } = new URL(target());
  const where = (line: string) =>
    line.replaceAll(port, 'PORT').replaceAll(hostname, 'HOST').replaceAll(username, 'USER');
  return (await psql(input, ['--no-psqlrc']))
    .join('\n')
    .replace(/^You are connected.*/m, where)
    .split(`${MARK}\n`)
    .slice(1)
    .map((text) => text.split('\n'));
}

const MARK = '== next ==';
let described: ReturnType<typeof describeAll> | undefined;
const describe = async (n: number) => {
  described ??= describeAll();
  return (await described)[n];
};

/** What key sequences leave on the screen of psql on a terminal. */
async function type(...keys: readonly string[]): Promise<readonly string[]> {
  const typist = join(import.meta.dirname, 'typist.py');
  const { stdout } = await promisify(execFile)('/usr/bin/python3', ['-B', typist, target(), ...keys]);
  return stdout.split(/\r?\n/);
}

const [CTRL_C, CLEAR] = ['\x03', '\x15'];

const steps: Steps = {
  connect: () => psql('select current_database();'),
  query: () => psql('select id, full_name, balance from customers order by id limit 2;'),
  prepared: () =>
    psql(`prepare by_id (int) as select email from customers where id = $1;
          execute by_id (1); execute by_id (2); deallocate by_id; execute by_id (3);`),
  commit: () => psql("begin; insert into teams (name) values ('east'); commit; select count(*) from teams;"),
  rollback: () =>
    psql(
      'begin isolation level serializable; update customers set balance = 0; rollback; select sum(balance) from customers;',
    ),
  savepoint: () =>
    psql(`begin; savepoint one; insert into teams (name) values ('north'); rollback to one;
          insert into teams (name) values ('centre'); release one; commit; select count(*) from teams;`),
  stream: () =>
    psql('\\set FETCH_COUNT 300\nselect id from readings order by id;').then((lines) => [
      lines.length,
      lines.at(-2),
    ]),
  'copy-in': () => {
    const file = join(files, 'readings.csv');
    writeFileSync(
      file,
      Array.from({ length: 500 }, (_, n) => `${9000 + n},copied,${n},2026-04-01\n`).join(''),
    );
    return psql(
      `\\copy readings from '${file}' csv\nselect count(*), sum(value) from readings where sensor = 'copied';`,
    );
  },
  'copy-in-sql': () =>
    psql(
      'copy readings from stdin;\n8000\tinline\t1\t2026-04-01\n\\.\nselect sensor from readings where id = 8000;',
    ),
  'copy-out': async () => {
    const file = join(files, 'out.csv');
    const printed = await psql(
      `\\copy (select id, sensor from readings where id < 4 order by id) to '${file}' csv header`,
    );
    return [
      printed,
      readFileSync(file, 'utf8'),
      await psql('copy (select id from readings where id < 3 order by id) to stdout;'),
    ];
  },
  cancel: async () => {
    const screen = await type(`${SLOW};\r`, CTRL_C, CTRL_C, 'select count(*) as teams from teams;\r');
    return screen.filter((line) => /^ERROR|^ +\d+$/.test(line));
  },
  recover: () =>
    psql(
      `select 1 / (id - id) from teams; insert into teams (name) values ('north'); selec 1; select count(*) from teams;`,
    ),
  'on-error-rollback': () =>
    psql(`\\set ON_ERROR_ROLLBACK on
          begin; insert into teams (name) values ('kept'); select 1 / 0; delete from teams; commit;
          select name from teams where name = 'kept';`),
  denial: () => psql('delete from orders; delete from orders where id = 1; select count(*) from orders;'),
  'denial-in-block': () =>
    psql(
      "begin; insert into teams (name) values ('lost'); delete from teams; select 1; commit; select count(*) from teams;",
    ),
  watch: async () => {
    const child = spawn('psql', [...BASE, target()]);
    const output: string[] = [];
    child.stdout.on('data', (chunk) => output.push(`${chunk}`));
    child.stdin.end('\\pset pager off\nselect count(*) as teams from teams \\watch 0.1\n');
    while (child.exitCode === null && (output.join('').match(/^\d+$/gm) ?? []).length < 3) await sleep(50);
    child.kill('SIGINT');
    await new Promise((resolve) => child.on('close', resolve));
    return output
      .join('')
      .split('\n')
      .filter((line) => /^\d+$/.test(line))
      .slice(0, 3);
  },
  variables: () =>
    psql(`select max(id) as top from teams \\gset
          \\echo :top :SERVER_VERSION_NUM
          select format('select %s', n) from generate_series(1, 3) n \\gexec
          select name, id % 2 as odd, count(*) from teams group by 1, 2 order by 1 \\crosstabview
          select 1 as a, 'x' as b \\gdesc
          \\if :{?top}
          \\echo yes
          \\endif
          select full_name from customers where id = 1 \\g (format=csv)`),
  '\\d missing': () => psql('\\d missing'),
  introspect: () => psql('\\d+', ['--no-psqlrc', '--echo-hidden']),
  relations: () =>
    psql(
      'select c.full_name, o.total from customers c join orders o on o.customer_id = c.id order by o.id limit 3;',
    ),
  'bulk-insert': () =>
    psql(
      "insert into readings values (9901, 'a', 1, '2026-04-01'), (9902, 'b', 2, '2026-04-01') returning id;",
    ),
  paginate: () => psql('select id from orders where id > 5 order by id limit 3 offset 1;'),
  upsert: () =>
    psql(
      "insert into teams (id, name) values (1, 'north') on conflict (id) do update set name = excluded.name returning *;",
    ),
  json: () =>
    psql(
      `update customers set profile = profile || '{"seen": [1]}' where profile @> '{"level": 2}' returning profile;`,
    ),
  arrays: () => psql("select id, tags from customers where 'all' = any (tags) and id = any ('{1,3}');"),
  dates: () =>
    psql(
      "select placed_at, age(placed_at, '2026-01-01') from orders where placed_at >= '2026-02-10' order by id limit 2;",
    ),
  settings: async () => {
    const query =
      "select current_setting('work_mem'), count(*) from customers; delete from customers; show timezone;";
    const found = [];
    for (const setting of [
      { PGOPTIONS: '-c work_mem=8MB', PGTZ: 'Asia/Tokyo', PGDATESTYLE: 'German' },
      { PGAPPNAME: 'psql settings', PGCLIENTENCODING: 'UTF8' },
      { PGSSLMODE: 'disable', PGGSSENCMODE: 'disable' },
      { PGTARGETSESSIONATTRS: 'primary', PGCONNECT_TIMEOUT: '10', PGKEEPALIVES: '1' },
      { PGCHANNELBINDING: 'prefer', PGREQUIREPEER: '' },
    ])
      found.push(await psql(query, BASE, setting));
    return found;
  },
  pool: () =>
    Promise.all([1, 2, 3].map((id) => psql(`select sum(total) from orders where customer_id = ${id};`))),
  'tab-completion': () =>
    type(
      'select * from custo\t',
      `${CLEAR}update order\t`,
      `${CLEAR}\\d cust\t`,
      `${CLEAR}alter table customers alter column em\t`,
      `${CLEAR}select * from customers where full\t`,
      `${CLEAR}select * from public.\t\t`,
      `${CLEAR}set search_path to pub\t`,
      CLEAR,
    ),
  ...Object.fromEntries(DESCRIBE.map((command, n) => [command, () => describe(n)])),
};

await runSteps(steps);
rmSync(files, { recursive: true });
