import test from 'ava';
import { limitsSchema } from '../../access/grant.ts';
import type { AccessRequest } from '../../access/requests/access-request.ts';
import { requestText } from '../../cli/request-view.ts';

const NOW = Date.parse('2026-11-20T10:00:00Z');
const TERMS = {
  scope: [{ actions: ['select' as const], on: ['public.*'] }],
  ttl: 600_000,
  limits: limitsSchema.parse({}),
};
const ASKED: AccessRequest = {
  id: 'r1234567',
  principal: { id: 'alice', kind: 'person', teams: ['support'], roles: [] },
  database: 'shop',
  terms: TERMS,
  reason: 'order 7\u202e\n\u001b[2Jstate  approved',
  ...{
    ticket: null,
    emergency: false,
    address: null,
    rule: null,
    revision: 'abc',
    notes: ['no rule matches'],
  },
  askedAt: '2026-11-20T09:59:00.000Z',
  triage: {
    ...{ risk: 0.61, confidence: 0.9, suspicious: true, intents: ['support_lookup'], model: 'builtin' },
    ...{
      scope: [{ actions: ['select'], on: ['public.orders'] }],
      ttl: 600_000,
      reasons: ['it hides\u200b text'],
    },
  },
  state: {
    kind: 'pending',
    expiresAt: '2026-11-20T11:00:00.000Z',
    review: { groups: ['leads'], approvals: 1, expires: 3_600_000 },
    terms: TERMS,
    approvals: [],
  },
};
const BEFORE: AccessRequest = {
  ...ASKED,
  askedAt: '2026-11-20T09:00:00.000Z',
  state: { kind: 'approved', at: '2026-11-20T09:00:00.000Z', grant: 'g1234567', terms: TERMS, approvals: [] },
};

test('a reviewer sees what is asked, needed, touched, and how it went before', (t) => {
  const text = requestText(
    ASKED,
    {
      beyondNeed: ['select:public.*'],
      reach: [
        {
          ...{ schema: 'public', name: 'customers', kind: 'table', actions: ['select'], rows: 19_999.6 },
          classes: [{ name: 'personal', columns: ['email'] }],
        },
        { schema: 'public', name: 'seen', kind: 'view', actions: ['select'], rows: null, classes: [] },
      ],
      similar: [
        {
          request: BEFORE,
          own: true,
          course: { sessions: 1, statements: 3, denied: 2, alarms: 0, ended: null },
        },
        { request: BEFORE, own: false, course: null },
      ],
    },
    NOW,
  );
  t.true(
    text.includes('order 7\\u{202e}\\n\\u{1b}[2Jstate  approved'),
    'nothing of a reason steers the terminal',
  );
  t.notRegex(text, /[^\P{C}\n]/u);
  t.regex(text, /more than the reason needs +select:public\.\*/);
  t.regex(text, /triage +support_lookup; risk 0\.61, confidence 0\.90 \(builtin\); look at the text/);
  t.regex(text, /needs +select public\.orders, for 10m/);
  t.regex(text, /public\.customers +select +~20000 +personal: email/);
  t.regex(text, /public\.seen +select +unknown \(view\)/);
  t.regex(text, /own +1h ago .* grant g1234567 +1 session, 3 statements, 2 denied, expired/);
});

test('what is not known is said', (t) => {
  const text = requestText({ ...ASKED, triage: null }, { beyondNeed: null, reach: null, similar: [] }, NOW);
  t.regex(text, /can not be asked what this touches/);
  t.regex(text, /Nobody like this has asked/);
  t.notRegex(text, /triage/);
});
