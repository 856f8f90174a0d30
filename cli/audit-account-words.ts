/** What events of accounts, tokens and logins come to, in words for one line. */
import type { AccountEvent } from '../audit/account-events.ts';
import type { Words } from './audit-words.ts';
import { clean } from './clean.ts';

export function accountWords(event: AccountEvent): Words {
  switch (event.type) {
    case 'account.add':
      return [event.by, 'plain', 'adds', clean(`account ${event.account}: ${event.roles.join(', ')}`)];
    case 'account.change':
      return [event.by, 'mark', 'changes', clean(`account ${event.account}: ${changed(event)}`)];
    case 'token.create': {
      const whose = event.actsFor === null ? event.principal : `${event.principal} for ${event.actsFor}`;
      return [event.by, 'plain', 'makes', clean(`token ${event.token} of ${event.kind} ${whose}`)];
    }
    case 'token.revoke':
      return [event.by, 'plain', 'revokes', clean(`token ${event.token} of ${event.principal}`)];
    case 'api.login':
      return [event.principal, 'plain', 'login', clean(`${event.client} by ${event.via}`)];
    case 'api.logout':
      return [event.principal, 'plain', 'logout', clean(event.client)];
    case 'trail.export':
      return [event.by, 'mark', 'exports', clean(`${event.format} ${JSON.stringify(event.question)}`)];
    case 'trail.verify':
      return event.ok
        ? [event.by, 'plain', 'verifies', `${event.events} events: whole`]
        : [event.by, 'bad', 'verifies', clean(`broken at ${event.broken.join(', ')}`)];
    case 'api.refused':
      return [
        event.principal ?? '?',
        'bad',
        'refused',
        clean(`${event.route}: ${event.cause}: ${event.message}`),
      ];
    default:
      return event satisfies never;
  }
}

function changed({ what, roles, teams, groups }: Extract<AccountEvent, { type: 'account.change' }>): string {
  if (what !== 'membership') return what;
  const parts = [`roles ${roles.join(', ')}`, `teams ${teams.join(', ')}`, `groups ${groups.join(', ')}`];
  return parts.join('; ');
}
