/** The lines that a denial advises: with them the statement passes, and with one less it does not. */
import test from 'ava';
import { parseWish, scopeOf as scopeOfWishes } from '../../access/scope-wishes.ts';
import { grantLine } from '../../guardrails/explain-denial.ts';
import type { GrantLine } from '../../guardrails/needed-lines.ts';

import { decisionOn, verdictOn } from './deciding.ts';
import { NEEDS } from './needs-table.ts';

const short = ({ action, resource }: GrantLine): string => `${action}:${resource}`;

for (const [sql] of NEEDS) {
  test(sql, (t) => {
    const { verdict, needed } = decisionOn(sql, []);
    if (verdict.effect === 'allow') return t.is(needed, null);
    t.not(needed, null, verdict.error?.message);
    const lines = needed!.lines.map(short);
    t.true(lines.length > 0, verdict.error?.detail);
    t.is(verdictOn(sql, lines).effect, 'allow', lines.join(' '));
    for (const line of lines)
      t.is(
        verdictOn(
          sql,
          lines.filter((other) => other !== line),
        ).effect,
        'deny',
        `without ${line}`,
      );
  });
}

/** As a shell would read it: one option and its value. */
const pasted = (line: string): string => {
  const [, quoted, plain] = /^--allow (?:'(.*)'|(\S+))$/s.exec(line) ?? [];
  return plain ?? quoted!.replaceAll("'\\''", "'");
};

test('an advised line is one that the command line takes, whatever the name', (t) => {
  for (const name of ['Orders', 'a b', "it's", 'a"b', 'a:b', 'x.y', 'a*b', 'a(b)', 'ünï', '$(rm)', '!x']) {
    const sql = `select "id x", b from public."${name.replaceAll('"', '""')}"`;
    const { needed } = decisionOn(sql, []);
    const wishes = needed!.lines.map((line) => parseWish(pasted(grantLine(line))));
    const lines = scopeOfWishes(wishes, []).flatMap(({ actions, on }) =>
      on.map((pattern) => `${actions.join()}:${pattern}`),
    );
    t.is(verdictOn(sql, lines).effect, 'allow', grantLine(needed!.lines[0]!));
  }
});

test('columns are told as the grant has to name them', (t) => {
  const sql = 'select "Full Name", email from customers';
  const { needed } = decisionOn(sql, ['select:public.customers(id)']);
  t.deepEqual(needed!.lines.map(short), ['select:public.customers("Full Name",email)']);
  t.is(verdictOn(sql, ['select:public.customers(id)', ...needed!.lines.map(short)]).effect, 'allow');
});

test('where no line helps, none is advised', (t) => {
  const lines = ['select:public.*', 'select:!public.payments'];
  const { verdict, needed } = decisionOn('select * from payments', lines);
  t.deepEqual(needed!.lines, []);
  t.regex(verdict.error?.detail ?? '', /the grant excludes it/);
  t.regex(verdict.error?.hint ?? '', /^No line/);
});

test('a text with very many needs is not judged again and again', (t) => {
  const tables = Array.from({ length: 300 }, (_, n) => `t${n}`);
  const { verdict, needed } = decisionOn(`select 1 from ${tables.join(', ')}`, []);
  t.is(needed!.lines.length, 300);
  t.regex(verdict.error?.hint ?? '', /and 295 more, which postern explain lists$/);
});

test('a denial has a bounded length', (t) => {
  const columns = Array.from({ length: 900 }, (_, n) => `"a column with a long name ${n}"`).join(', ');
  const { error } = verdictOn(`select ${columns} from t, u`, ['select:public.t(id)', 'select:public.u(id)']);
  for (const text of [error?.message, error?.detail, error?.hint])
    t.true(text !== undefined && text.length < 3000);
});
