/** `postern grant`, `session` and `psql`, run as people run them. */
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { admitted, Fixture, SIGNING_KEY } from '../access/fixture.ts';
import { runHere } from './run-here.ts';
import { type Result, runPostern } from './run-postern.ts';

const directory = mkdtempSync(join(tmpdir(), 'postern-cli-'));
const config = join(directory, 'postern.yaml');
const FAKE_PSQL = `#!/bin/sh
printf '%s\\n' "$PGPASSWORD" "$@"
exit 7
`;

let fixture: Fixture;
test.before(async () => {
  fixture = await Fixture.start();
  const settings = {
    redis: fixture.redis.url,
    signingKey: 'env:KEY',
    databases: { shop: { url: 'postgresql://postern:hunter2@127.0.0.1/shop' } },
    advertise: 'db.example:7432',
  };
  writeFileSync(config, JSON.stringify(settings));
  mkdirSync(join(directory, 'bin'));
  writeFileSync(join(directory, 'bin/psql'), FAKE_PSQL);
  chmodSync(join(directory, 'bin/psql'), 0o755);
});
test.after.always(async () => {
  await fixture.stop();
  rmSync(directory, { recursive: true, force: true });
});

const environment = {
  PATH: `${join(directory, 'bin')}:${process.env.PATH}`,
  POSTERN_CONFIG: config,
  KEY: SIGNING_KEY,
};

const postern = (args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Result> =>
  runPostern(args, { ...environment, ...env });

const CREATE = ['grant', 'create', '--to', 'alice', '--db', 'shop', '--allow', 'select:public.*'];

async function create(...options: readonly string[]): Promise<Record<string, string>> {
  const { stdout, stderr } = await runHere([...CREATE, ...options, '--json'], environment);
  if (stdout === '') throw new Error(stderr);
  return JSON.parse(stdout);
}

test('create --json prints what a program needs to connect', async (t) => {
  const printed = await create('--ttl', '2h');
  const { id, password, expiresAt } = printed;
  t.deepEqual(printed, {
    id: id!,
    user: id!,
    password: password!,
    url: `postgresql://${id}:${password}@db.example:7432/shop`,
    database: 'shop',
    expiresAt: expiresAt!,
  });
  const life = Date.parse(expiresAt!) - Date.now();
  t.true(life > 1.9 * 3_600_000 && life <= 2 * 3_600_000);
});

test('create for people prints the token once, and a line to paste', async (t) => {
  const { status, stdout } = await postern([...CREATE, '--ttl', '15m']);
  t.is(status, 0);
  t.regex(stdout, /^grant {4}[a-z0-9]{8}, for 15m /m);
  t.regex(stdout, /^token {4}pst_\w{28} \(shown only now\)$/m);
  t.regex(stdout, /^connect {2}psql 'postgresql:\/\/[a-z0-9]{8}:pst_\w{28}@db\.example:7432\/shop'$/m);
});

test('every option reaches the grant', async (t) => {
  const options =
    '--team support --team night --allow update,delete:public.tickets --allow select:crm.* --deny select:public.payments ' +
    '--deny delete:public.tickets_old --rows 1 --rows-per-statement 2 --bytes 3 --connections 4 --logins 5 --statements 6 ' +
    '--from 10.0.0.0/8 --from ::1 --reason why --ticket INC-1 --approved-by bob --out-of-scope hold';
  const { id } = await create(...options.split(' '));
  const { grant } = (await fixture.process().store.get(id!))!;
  t.like(grant, {
    principal: { id: 'alice', teams: ['support', 'night'] },
    database: 'shop',
    scope: [
      { actions: ['select'], on: ['public.*', 'crm.*', '!public.payments'] },
      { actions: ['update'], on: ['public.tickets'] },
      { actions: ['delete'], on: ['public.tickets', '!public.tickets_old'] },
    ],
    limits: {
      rows: 1,
      rowsPerStatement: 2,
      bytes: 3,
      connections: 4,
      logins: 5,
      statements: 6,
      from: ['10.0.0.0/8', '::1'],
    },
    outOfScope: 'hold',
    reason: 'why',
    ticket: 'INC-1',
    approvedBy: ['bob'],
  });
});

test('connections are bounded unless somebody says none', async (t) => {
  const { store } = fixture.process();
  t.is((await store.get((await create()).id!))?.grant.limits.connections, 8);
  t.is((await store.get((await create('--connections', 'none')).id!))?.grant.limits.connections, null);
});

const wrong: readonly (readonly [readonly string[], RegExp])[] = [
  [['grant', 'create', '--db', 'shop', '--allow', 'select:*'], /give --to PRINCIPAL/],
  [['grant', 'create', '--to', 'a', '--allow', 'select:*'], /give --db NAME/],
  [['grant', 'create', '--to', 'a', '--db', 'shop'], /give --allow/],
  [
    ['grant', 'create', '--to', 'a', '--db', 'hr', '--allow', 'select:*'],
    /"hr" is not in the configuration, which has: shop/,
  ],
  [[...CREATE, '--allow', 'fly:*'], /"fly" is not an action/],
  [[...CREATE, '--allow', 'score:public.orders'], /score is asked of a model, by its name: score:risk/],
  [[...CREATE, '--allow', 'select'], /It is ACTIONS:PATTERN/],
  [[...CREATE, '--allow', 'select:a:b'], /It is ACTIONS:PATTERN/],
  [[...CREATE, '--allow', 'select:tickets'], /lacks the schema; "public\.tickets"/],
  [[...CREATE, '--allow', 'select:!public.x'], /give it to --deny/],
  [[...CREATE, '--deny', 'delete:public.x'], /takes nothing away/],
  [[...CREATE, '--ttl', 'forever'], /It is a duration/],
  [[...CREATE, '--ttl', '0s'], /lives from 1 second/],
  [[...CREATE, '--ttl', '9999d'], /lives from 1 second/],
  [[...CREATE, '--rows', '-5'], /whole number/],
  [[...CREATE, '--logins', '0'], /limits\.logins/],
  [[...CREATE, '--from', 'home'], /limits\.from\.0/],
  [[...CREATE, '--out-of-scope', 'allow'], /deny or hold/],
  [[...CREATE, '--config', '/nowhere.yaml'], /can't be read/],
  [['grant', 'show'], /missing required argument/],
  [['psql', 'no-such-thing'], /not a file, a connection URL or a grant id/],
  [['psql'], /give --to PRINCIPAL/],
  [['psql', 'a', 'b'], /go after --/],
];
for (const [args, message] of wrong) {
  test(`usage: postern ${args.join(' ')}`, async (t) => {
    const { status, stdout, stderr } = await runHere(args, environment);
    t.is(status, 2, stderr);
    t.regex(stderr, message);
    t.is(stdout, '');
  });
}

test('a signing key that is too short is not shown', async (t) => {
  const { status, stderr } = await postern(CREATE, { KEY: 'hunter2' });
  t.is(status, 2);
  t.regex(stderr, /signingKey: needs at least 32 characters/);
  t.false(stderr.includes('hunter2'));
});

test('a grant store out of reach is said so, with exit code 1', async (t) => {
  const file = join(directory, 'nowhere.yaml');
  writeFileSync(file, readFileSync(config, 'utf8').replace(fixture.redis.url, 'redis://127.0.0.1:1'));
  const { status, stderr } = await postern([...CREATE, '--config', file]);
  t.is(status, 1);
  t.regex(stderr, /^postern: can't reach the grant store \(redis in .*nowhere\.yaml\): .*ECONNREFUSED/);
});

test('list, show and revoke', async (t) => {
  const { id } = await create('--rows', '50', '--reason', 'a look');
  const listed = JSON.parse((await postern(['grant', 'list', '--json'])).stdout) as { id: string }[];
  t.true(listed.some((grant) => grant.id === id));
  t.regex(
    (await postern(['grant', 'list'])).stdout,
    new RegExp(`^${id} +alice +shop +\\d+m.* select public\\.\\*`, 'm'),
  );
  const shown = JSON.parse((await postern(['grant', 'show', id!, '--json'])).stdout);
  t.like(shown, { id, usage: { logins: 0, rows: 0 }, sessions: [] });
  t.regex((await postern(['grant', 'show', id!])).stdout, /^rows +0 of 50$/m);
  t.like(await postern(['grant', 'revoke', id!, '--json']), {
    status: 0,
    stdout: `{"id":"${id}","revoked":true}\n`,
  });
  t.like(await postern(['grant', 'revoke', id!]), {
    status: 1,
    stderr: `postern: grant ${id} was revoked\n`,
  });
  t.like(await postern(['grant', 'show', 'nosuchid']), {
    status: 1,
    stderr: 'postern: there is no active grant nosuchid\n',
  });
});

test('sessions are listed without what would steer a terminal, shown and ended', async (t) => {
  const { id } = await create();
  const ends: string[] = [];
  const login = { session: 'session-1', application: 'evil\u001b[2Japp' };
  admitted(await fixture.enter(fixture.process(), id!, (_, { message }) => ends.push(message), login));
  const { stdout } = await postern(['session', 'list', '--grant', id!]);
  t.regex(stdout, new RegExp(`^session-1 +${id} +alice +shop +127.0.0.1:50000 +evil\\?\\[2Japp`, 'm'));
  t.like(JSON.parse((await postern(['session', 'show', 'session-1', '--json'])).stdout), { grant: id });
  t.is((await postern(['session', 'end', 'session-1'])).status, 0);
  t.regex(ends.join(), /^terminating connection: ended by \S+@\S+$/);
  t.like(await postern(['session', 'end', 'no-such']), { status: 1 });
});

test('what the command line did is in the trail; the token is not', async (t) => {
  const { id, password } = await create('--reason', 'for the trail');
  await postern(['grant', 'revoke', id!]);
  const spool = join(directory, 'var/audit');
  const lines = readdirSync(spool, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ndjson'))
    .map((name) => readFileSync(join(spool, name), 'utf8'))
    .join('');
  const events = lines
    .split('\n')
    .filter((line) => line.includes(`"grant":"${id}"`))
    .map((line) => JSON.parse(line))
    .sort((a, b) => a.at.localeCompare(b.at));
  t.deepEqual(
    events.map(({ type }) => type),
    ['grant.create', 'grant.revoke'],
  );
  t.false(lines.includes(password!));
});

test('a trail that can not be written makes no grant', async (t) => {
  const file = join(directory, 'no-trail.yaml');
  writeFileSync(join(directory, 'not-a-directory'), '');
  const settings = { ...JSON.parse(readFileSync(config, 'utf8')), audit: { spool: 'not-a-directory' } };
  writeFileSync(file, JSON.stringify(settings));
  const { status, stdout, stderr } = await postern([...CREATE, '--to', 'nobody', '--config', file]);
  t.is(status, 1);
  t.regex(stderr, /can't write the audit trail/);
  t.is(stdout, '');
  const { grants } = await fixture.process().store.list();
  t.false(grants.some(({ principal }) => principal.id === 'nobody'));
});

test('psql gets the token by its environment, never on its command line, and its exit code is ours', async (t) => {
  const { id, password, url } = await create();
  const file = join(directory, 'grant.json');
  writeFileSync(file, JSON.stringify({ id, url }));
  const expected = `${password}\n-c\nselect 1\npostgresql://${id}@db.example:7432/shop\n`;
  for (const grant of [url!, file]) {
    t.deepEqual(await postern(['psql', grant, '--', '-c', 'select 1']), {
      status: 7,
      stdout: expected,
      stderr: '',
    });
  }
});

test('psql makes a grant from options, or from a form', async (t) => {
  const file = join(directory, 'form.json');
  const scope = [{ actions: ['select'], on: ['public.*'] }];
  writeFileSync(file, JSON.stringify({ principal: { id: 'alice' }, database: 'shop', scope }));
  for (const args of [CREATE.slice(2), [file], [file, '--ttl', '1m']]) {
    const { stdout, status } = await postern(['psql', ...args, '--', '-X']);
    t.is(status, 7);
    t.regex(stdout, /^pst_\w{28}\n-X\npostgresql:\/\/[a-z0-9]{8}@db\.example:7432\/shop\n$/);
  }
});

test('psql with an id asks for the token itself', async (t) => {
  const { stdout } = await postern(['psql', 'g7k2m9qd', '--db', 'shop'], { PGPASSWORD: '' });
  t.is(stdout, '\npostgresql://g7k2m9qd@db.example:7432/shop\n');
});

test('a file that is no grant is refused without quoting it', async (t) => {
  const file = join(directory, 'broken.json');
  writeFileSync(file, '{"password": "hunter2"');
  const { status, stderr } = await postern(['psql', file]);
  t.is(status, 2);
  t.regex(stderr, /is not a JSON file with a grant/);
  t.false(stderr.includes('hunter2'));
});
