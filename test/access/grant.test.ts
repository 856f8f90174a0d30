import test from 'ava';
import { GrantFormError, parseGrant, parseGrantTerms } from '../../access/grant.ts';
import { ACTIONS } from '../../guardrails/types.ts';
import { terms } from './fixture.ts';

const times = { issuedAt: '2026-11-22T09:00:00.000Z', expiresAt: '2026-11-22T09:30:00.000Z' };
const form = { ...terms(), ...times, id: 'g7k2m9qd' };

test('the form of the manual is read, and what it leaves out has its default', (t) => {
  const { principal, database, scope } = form;
  t.deepEqual(parseGrantTerms({ principal: { id: 'alice' }, database, scope }), {
    principal: { id: 'alice', teams: [] },
    database,
    scope: [{ actions: ['select'], on: ['public.*', '!public.payments'] }],
    limits: {
      rowsPerStatement: null,
      rows: null,
      bytes: null,
      connections: 8,
      logins: null,
      statements: null,
      from: null,
    },
    outOfScope: 'deny',
    reason: '',
    ticket: null,
    approvedBy: [],
  });
  t.is(parseGrant(form).principal.id, principal.id);
});

test('* is all actions of the guardrails', (t) => {
  t.deepEqual(
    parseGrantTerms({ ...terms(), scope: [{ actions: ['*'], on: ['*'] }] }).scope[0]?.actions,
    ACTIONS,
  );
});

test('* is no model: to ask one has to be granted by its own name', (t) => {
  const scope = [
    { actions: ['*'], on: ['*'] },
    { actions: ['score', 'select'], on: ['*'] },
  ] as const;
  const [everything, both] = parseGrantTerms({ ...terms(), scope }).scope;
  t.false(everything?.actions.includes('score'));
  t.deepEqual(both?.actions, ['select', 'score']);
});

test('a grant is frozen at every depth', (t) => {
  const grant = parseGrant(form);
  t.throws(() => Object.assign(grant.limits, { rows: 1 }), { instanceOf: TypeError });
  t.throws(() => (grant.scope[0]!.on as string[]).push('*'), { instanceOf: TypeError });
});

const wrong: readonly (readonly [string, unknown, RegExp])[] = [
  ['an unknown key', { ...form, superuser: true }, /superuser/],
  ['an unknown key of the limits', { ...form, limits: { row: 1 } }, /limits: .*row/],
  [
    'an unknown key of a scope line',
    { ...form, scope: [{ actions: ['select'], on: ['*'], as: 1 }] },
    /scope\.0/,
  ],
  ['an unknown key of the principal', { ...form, principal: { id: 'a', admin: true } }, /principal/],
  [
    'an unknown action',
    { ...form, scope: [{ actions: ['fly'], on: ['*'] }] },
    /scope\.0\.actions\.0: is not one of/,
  ],
  ['no action', { ...form, scope: [{ actions: [], on: ['*'] }] }, /names no action/],
  ['no resource', { ...form, scope: [{ actions: ['select'], on: [] }] }, /names no resource/],
  ['no scope', { ...form, scope: [] }, /allows nothing/],
  ['no principal', { ...form, principal: { id: '' } }, /principal\.id: is empty/],
  ['a line break in a name', { ...form, principal: { id: 'a\nb' } }, /control characters/],
  ['an escape sequence in the reason', { ...form, reason: '\u001b[2J' }, /control characters/],
  ['a negative limit', { ...form, limits: { rows: -1 } }, /limits\.rows/],
  ['a fraction of a row', { ...form, limits: { rows: 1.5 } }, /limits\.rows/],
  ['a limit as text', { ...form, limits: { rows: '5' } }, /limits\.rows/],
  ['no login at all', { ...form, limits: { logins: 0 } }, /limits\.logins/],
  ['a network that is none', { ...form, limits: { from: ['home'] } }, /limits\.from\.0: "home" is not/],
  ['an empty list of networks', { ...form, limits: { from: [] } }, /admits no address/],
  ['an id that would not be a plain user name', { ...form, id: 'G7K2M9QD' }, /id: is not a grant id/],
  ['an id with braces, which steer Redis keys', { ...form, id: 'a}{b5678' }, /id: is not a grant id/],
  ['a time that is none', { ...form, expiresAt: 'tomorrow' }, /expiresAt: is not a UTC time/],
  ['something else altogether', 'grant', /the grant:/],
];
for (const [what, value, message] of wrong) {
  test(`refused: ${what}`, (t) => {
    t.throws(() => parseGrant(value), { instanceOf: GrantFormError, message });
  });
}

test('every fault is told at once', (t) => {
  const error = t.throws(() => parseGrantTerms({ database: '', scope: [] }), { instanceOf: GrantFormError });
  for (const path of ['principal', 'database', 'scope']) t.regex(error.message, new RegExp(`${path}:`));
});
