/** Types of events, in the groups that people look for. */
import type { SpooledEvent } from '../../api/answers.ts';

type EventType = SpooledEvent['type'];

interface Kind {
  readonly name: string;
  readonly label: string;
  readonly types: readonly EventType[];
}

export const KINDS: readonly Kind[] = [
  { name: 'statements', label: 'Statements', types: ['statement'] },
  { name: 'results', label: 'Results', types: ['statement.end'] },
  { name: 'flags', label: 'Flags and verdicts', types: ['risk.flag', 'risk.verdict', 'risk.drift'] },
  { name: 'sessions', label: 'Sessions', types: ['session.start', 'session.end', 'cancel'] },
  { name: 'refused', label: 'Refused logins', types: ['login.refused', 'api.refused', 'protocol.violation'] },
  {
    name: 'requests',
    label: 'Requests',
    types: [
      ...(['request.create', 'request.approve', 'request.deny', 'request.withdraw'] as const),
      ...(['request.expire', 'request.emergency', 'request.review'] as const),
    ],
  },
  {
    name: 'grants',
    label: 'Grants',
    types: ['grant.create', 'grant.revoke', 'grant.return', 'grant.expire', 'grant.extend'],
  },
  { name: 'holds', label: 'Held statements', types: ['hold.ask', 'hold.approve', 'hold.deny', 'hold.end'] },
  {
    name: 'people',
    label: 'Accounts and tokens',
    types: [
      ...(['account.add', 'account.change', 'token.create', 'token.revoke'] as const),
      ...(['api.login', 'api.logout'] as const),
    ],
  },
  { name: 'models', label: 'Questions to models', types: ['model.request', 'model.answer'] },
  {
    name: 'nodes',
    label: 'Nodes, policy, trail',
    types: [
      ...(['node.start', 'node.stop', 'spool.recovered', 'policy.change', 'policy.refuse'] as const),
      ...(['role.create', 'role.drop', 'trail.export', 'trail.verify'] as const),
    ],
  },
];

/** A type as words: session start. */
export const typeInWords = (type: string): string => type.replace('.', ' ');
