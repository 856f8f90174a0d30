/** Secrets are taken out of texts, and nothing else is. */
import test from 'ava';
import fc from 'fast-check';
import { parse } from '../../guardrails/parse.ts';
import { redact, redaction } from '../../guardrails/redact.ts';
import { HARMLESS } from './harmless-constants.ts';
import { SECRET as PLACED, SECRET_PLACES } from './secret-places.ts';

const SECRET = 's3cr3tX';

const SECRETS = [
  `create role r password '${SECRET}'`,
  `alter user r with encrypted password '${SECRET}'`,
  `alter role r PASSWORD\n--c\n '${SECRET}'`,
  `alter role r password /* ' */ '${SECRET}'`,
  `alter role r password E'${SECRET}\\' still'`,
  `alter role r password U&'${SECRET}'`,
  `alter role r password '${SECRET}''${SECRET}'`,
  `alter role r password '${SECRET}`,
  `alter role r password '${SECRET}' valid until 'x' and this does not parse`,
  `create subscription s connection 'host=h password=${SECRET}' publication p`,
  `create user mapping for u server s options (user 'bob', password '${SECRET}')`,
  `create user mapping for u server s options (secret_key '${SECRET}')`,
  `select dblink_connect('host=h user=u password=${SECRET}')`,
  `select dblink_connect('host=h password=''${SECRET} x''')`,
  `select dblink_connect('postgresql://u:${SECRET}@h/d')`,
  `select dblink('postgres://u:${SECRET}@h/d', 'select 1')`,
  `select $$password=${SECRET}$$`,
  `select $tag$postgres://u:${SECRET}@h/d$tag$`,
  `-- psql postgresql://u:${SECRET}@h/d\nselect 1`,
  `update accounts set password = '${SECRET}' where id = 1`,
  `select set_config('app.api_key', '${SECRET}', false)`,
  `set app.secret = '${SECRET}'`,
  `set app.token to '${SECRET}'`,
  `alter role r password 'x'\n'${SECRET}'`,
  `alter role r password 'x' -- c\n '${SECRET}'`,
  `alter role r password ${SECRET}`,
  `alter role r password "${SECRET}"`,
  `set app.api_key to ${SECRET}`,
  `create server s foreign data wrapper w options (passcode '${SECRET}')`,
  `create user mapping for u server s options (pwd '${SECRET}')`,
  `comment on role r is 'password: ${SECRET}'`,
  `comment on role r is 'the password is ${SECRET}'`,
  `-- password: ${SECRET}\nselect 1`,
  `select crypt('${SECRET}', gen_salt('bf'))`,
  `select pgp_sym_encrypt('data', '${SECRET}')`,
  `select aws_commons.create_aws_credentials('id', '${SECRET}', '')`,
  `do $$ begin execute 'alter role r password ''${SECRET}'''; end $$`,
  `do $$ begin execute format('alter role %I password %L', 'r', '${SECRET}'); end $$`,
  `do $$ begin execute 'alter role r password ' || quote_literal('${SECRET}'); end $$`,
  `create function f() returns void language sql as $f$ alter role r password '${SECRET}' $f$`,
  `select http_get('h', 'Authorization: Bearer ${SECRET}')`,
  `select 'pst_${SECRET}${SECRET}'`,
  `select * from t -- pst_${SECRET}${SECRET}`,
];

for (const sql of SECRETS)
  test(`${JSON.stringify(sql)} keeps its secret`, (t) => {
    t.false(redact(sql).includes(SECRET), redact(sql));
  });

for (const [sql, kept, secrets = [PLACED]] of SECRET_PLACES)
  test(`${JSON.stringify(sql)} keeps its secret and the rest`, (t) => {
    const redacted = redact(sql);
    for (const secret of secrets) t.false(redacted.includes(secret), redacted);
    for (const part of kept) t.true(redacted.includes(part), redacted);
  });

for (const [sql, kept] of HARMLESS)
  test(`nothing is taken out of ${JSON.stringify(sql)} that is no secret`, (t) => {
    const redacted = redact(sql);
    for (const part of kept) t.true(redacted.includes(part), redacted);
  });

test('what is left is the same statement, but for constants', (t) => {
  for (const [sql] of [...SECRET_PLACES, ...HARMLESS]) {
    const before = parse(sql);
    if ('error' in before || /\|\|/.test(sql)) continue; // strings that are put together become one
    const redacted = redact(sql);
    const after = parse(redacted);
    if ('error' in after) t.fail(redacted);
    else t.deepEqual(after.statements.map(shapeOf), before.statements.map(shapeOf), redacted);
  }
});

/** A tree without constants and places. */
function shapeOf(tree: unknown): unknown {
  return JSON.parse(
    JSON.stringify(tree, (name, value) =>
      /conninfo|filename|payload|comment|location|_len$|_start$|_end$|range|A_Const|[sif]val/.test(name)
        ? undefined
        : value,
    ),
  );
}

const PARAMETERS: readonly (readonly [sql: string, secret: readonly number[]])[] = [
  ['insert into users (name, password) values ($1, $2), ($3, $4)', [2, 4]],
  ['update users set password = crypt($1, gen_salt($2)) where id = $3', [1, 2]],
  ['select * from users where name = $1 and api_token = any($2)', [2]],
  ['select set_config($1, $2, true)', []],
  [`select set_config('app.secret', $1, true)`, [1]],
  ['select * from tokens where id = $1', []],
  ['prepare p as update users set password = $1 where id = $2', [1]],
];

for (const [sql, secret] of PARAMETERS)
  test(`secret parameters of ${sql}`, (t) => t.deepEqual(redaction(sql).secretParameters, secret));

test('what EXECUTE is given is secret where the parameter is', (t) => {
  const prepared = (name: string) => (name === 'p' ? [2] : undefined);
  const given = (sql: string): string => redaction(sql, prepared).redactedText;
  t.is(given(`execute p('bob', 'x')`), `execute p('bob', '***')`);
  t.is(given(`explain execute p('bob', 'x')`), `explain execute p('bob', '***')`);
  t.is(given(`execute q('bob', 'x')`), `execute q('bob', 'x')`);
  t.is(
    given(`prepare q as update u set token = $1; prepare r as select $1; execute q('a'); execute r('b')`),
    `prepare q as update u set token = $1; prepare r as select $1; execute q('***'); execute r('b')`,
  );
});

test('texts made to be slow take time as their length does', (t) => {
  for (const part of [
    '(',
    `('a','b')`,
    `password='x',`,
    `'`,
    '$a$',
    '/*',
    `'pass=' || `,
    'case ',
    `crypt('a',`,
  ])
    t.is(typeof redact(`password ${part.repeat(20_000)}`), 'string');
});

const PLAIN = [
  'select 1',
  `select * from passwords where name = 'x'`,
  `update users set name = 'x', age = 3`,
  `select 'it''s', "password", $$body$$, $1 from t -- password`,
  `select * from t where url = 'https://example.org/a@b'`,
  `comment on column users.password is null`,
  'alter role r password null valid until $1',
  'select password "p" from role where password in ($1)',
  `update t set note = 'bearer of news', other = 'the pw of it'`,
  `select encode(x, 'hex'), f('y') from t -- decrypted`,
];

for (const sql of PLAIN) test(`${sql} stays as it is`, (t) => t.is(redact(sql), sql));

test('the rest of a text with a secret stays as it is', (t) => {
  t.is(
    redact(`create role "r'" password 'x' valid until '2030-01-01'; select 'y'`),
    `create role "r'" password '***' valid until '2030-01-01'; select 'y'`,
  );
});

const AROUND = [
  ['select $$password=x$$ or true -- $$', 'select $$password=***$$ or true -- $$'],
  ['select $a$secret=$b$x$a$ or true -- $a$', 'select $a$secret=***$a$ or true -- $a$'],
  ['select 1 /* password=x*/ or true /* */', 'select 1 /* password=****/ or true /* */'],
  ['select 1 /* /* token=x*/ */ or true /* */', 'select 1 /* /* token=****/ */ or true /* */'],
  ['select 1 /* a://b:*/ or true /*@*/', 'select 1 /* a://b:*/ or true /*@*/'],
  ["select 1 -- secret=x\r or 'y'", "select 1 -- secret=***\r or 'y'"],
  ['alter role r password x;delete from t', "alter role r password '***';delete from t"],
  ['set a.token to x-- y', "set a.token to '***'-- y"],
  [
    "do $$ x := 'alter role r password ''a'' '; $$ or 'b'",
    "do $$ x := 'alter role r password ''***'' '; $$ or 'b'",
  ],
  ["password éE'\\' or true or 'x'", "password éE'***' or true or 'x'"],
] as const;

for (const [sql, redacted] of AROUND)
  test(`what is masked in ${JSON.stringify(sql)} hides no code`, (t) => t.is(redact(sql), redacted));

test('any text goes through, and one without secrets unchanged', (t) => {
  const piece = fc.constantFrom(
    "'",
    '"',
    '$$',
    '$a$',
    '--',
    '/*',
    '*/',
    '\n',
    '\\',
    ' ',
    'e',
    'x',
    'password',
    '=',
    'pst_',
    '://',
  );
  fc.assert(
    fc.property(
      fc.array(piece).map((parts) => parts.join('')),
      (sql) => {
        t.is(typeof redact(sql), 'string');
      },
    ),
  );
  fc.assert(
    fc.property(
      fc.string(),
      (sql) =>
        /pass|secret|token|credential|key|connection|dblink|private|pst_|:\/\//i.test(sql) ||
        redact(sql) === sql,
    ),
  );
});

const TELLING: readonly string[] = [
  "select query_to_xml('(select * from pg_authid)', true, false, '') as password",
  'select query_to_xml($1, true, false, $2) as password from t where token = $1',
  'with given(id, password) as (values (1, $1::text)) select "query_to_xml"(password, true, false, \'\') from given',
  "select pg_catalog.table_to_xml /* */ ('pg_authid', true, false, '') as password",
  "insert into t (id, password) values (1, lo_import('/etc/passwd'))",
  "update t set secret = pg_read_file('/etc/passwd')",
  "select a as password from dblink('other', '/**/ (table pg_authid)') as t(a text)",
  `select ${'('.repeat(40)}query_to_xml('((table pg_authid))', true, false, '')${')'.repeat(40)} as password`,
];
for (const sql of TELLING)
  test(`hides nothing of what is run or read: ${sql.slice(0, 60)}`, (t) =>
    t.deepEqual(redaction(sql), { redactedText: sql, secretParameters: [] }));

test('a statement that tells all hides no more of itself, and nothing of others', (t) => {
  const [telling, other] = [
    "select query_to_xml('select 1', true, false, '') as token",
    "alter role x password 'y'",
  ];
  t.is(redact(`${telling}; ${other}; ${telling}`), `${telling}; alter role x password '***'; ${telling}`);
});
