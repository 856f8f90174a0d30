/** The words of the console: what reviewers choose as the API takes it, and what is pasted into a shell. */
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { psqlLine } from '../../review/console/text/psql-line.ts';
import {
  exclusionsOf,
  linesOf,
  permissionKey,
  permissionsOf,
  written,
} from '../../review/console/text/scope.ts';
import { span, spanField } from '../../review/console/text/spans.ts';
import { scopeWished } from '../../server/api/request-schema.ts';

const SCOPE = [
  { actions: ['select', 'update'], on: ['public.*', '!public.payments', 'crm.people(name)'] },
  { actions: ['execute'], on: ['public.mask_email', '!public.secret'] },
  { actions: ['delete'], on: ['public.drafts'] },
] as const;

test('what is left of a scope still excludes what that excluded, and nothing that nobody allows', (t) => {
  const kept = permissionsOf(SCOPE).filter(
    ({ action, pattern }) => action === 'select' || pattern === 'public.drafts',
  );
  t.deepEqual(kept.map(permissionKey), [
    'select:public.*',
    'select:crm.people(name)',
    'delete:public.drafts',
  ]);
  const deny = exclusionsOf(SCOPE, kept);
  t.deepEqual(deny, ['select:public.payments']);
  t.deepEqual(scopeWished({ allow: kept.map(permissionKey), deny: [...deny] }), [
    { actions: ['select'], on: ['public.*', 'crm.people(name)', '!public.payments'] },
    { actions: ['delete'], on: ['public.drafts'] },
  ]);
});

test('a scope that is written is the same when it is read', (t) => {
  const allow = linesOf(` ${written(SCOPE)}\n\n`);
  t.deepEqual(allow, [
    'select,update:public.*',
    'select,update:crm.people(name)',
    'execute:public.mask_email',
    'delete:public.drafts',
  ]);
  const all = permissionsOf(SCOPE);
  const read = scopeWished({ allow, deny: [...exclusionsOf(SCOPE, all)] });
  t.deepEqual(permissionsOf(read!), all);
  t.not(written(SCOPE), written(SCOPE, { all: true }));
});

test('spans are told in words, and given to the API without loss', (t) => {
  const minute = 60_000;
  t.deepEqual(
    [45 * minute, 90 * minute, 26 * 60 * minute, 30_000, 90_000].map((ms) => [span(ms), spanField(ms)]),
    [
      ['45 min', '45m'],
      ['1 h 30 min', '90m'],
      ['1 d 2 h', '26h'],
      ['30 s', '30s'],
      ['1 min 30 s', '90s'],
    ],
  );
});

test('the line to paste is two words of a shell, whatever the database is called', (t) => {
  const told = { token: 'pst_abc', proxy: { host: '::1', port: 6432, tls: true } };
  for (const database of ['shop', "it's; touch /tmp/x #", '$(id) `id` "x" \\ !!', 'новая', 'a\nb']) {
    const line = psqlLine(database, 'abcdefgh', told);
    const [command, url, ...rest] = execFileSync('sh', ['-c', `printf '%s\\0' ${line}`], { encoding: 'utf8' })
      .split('\0')
      .slice(0, -1);
    t.deepEqual([command, rest], ['psql', []]);
    t.like(new URL(url!), { username: 'abcdefgh', password: 'pst_abc', host: '[::1]:6432' });
    t.is(decodeURIComponent(new URL(url!).pathname.slice(1)), database);
  }
});

const CONSOLE = new URL('../../review/console/', import.meta.url).pathname;
const SOURCES = readdirSync(CONSOLE, { recursive: true, encoding: 'utf8' })
  .filter((name) => /\.tsx?$/.test(name))
  .map((name) => ({ name, text: readFileSync(join(CONSOLE, name), 'utf8') }));

test('nothing that others wrote becomes markup or code', (t) => {
  t.true(SOURCES.length > 100);
  const makers =
    /innerHTML|outerHTML|insertAdjacent|dangerously|document\.write|\beval\(|new Function|srcdoc/i;
  for (const { name, text } of SOURCES) t.notRegex(text, makers, name);
});

test('links lead to pages of this server, whatever is put into them', (t) => {
  const links = SOURCES.flatMap(({ text }) => [...text.matchAll(/href=\{`([^`]*)`\}|href="([^"]*)"/g)]);
  t.true(links.length > 20);
  for (const [link, computed, fixed] of links) t.regex(computed ?? fixed ?? '', /^(#|\/(?!\/))(?!\$)/, link);
});
