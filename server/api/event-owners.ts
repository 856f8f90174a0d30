/** Whether somebody may see an event, also where it names only what is theirs: a request, a grant, a hold, an alarm. */
import type { Issuer } from '../../access/access.ts';
import type { Principal } from '../../access/accounts/principal.ts';
import type { SpooledEvent } from '../../audit/events.ts';
import type { TrailSource } from '../../audit/trail-source.ts';
import { mayTouch, OVERSEERS, ownsGrant, ownsHold, seesRequest } from './visibility.ts';
import { seesEvent } from './visible-events.ts';

export interface EventOwnersParts extends Pick<Issuer, 'requests' | 'store' | 'holds'> {
  readonly source: Pick<TrailSource, 'alarm'>;
}

export class EventOwners {
  readonly #parts: EventOwnersParts;

  constructor(parts: EventOwnersParts) {
    this.#parts = parts;
  }

  /** What can't be told is not seen. */
  async sees(principal: Principal, event: SpooledEvent): Promise<boolean> {
    if (seesEvent(principal, event)) return true;
    return await this.#seesSubject(principal, event).catch(() => false);
  }

  async #seesSubject(principal: Principal, event: SpooledEvent): Promise<boolean> {
    const { requests, store, holds, source } = this.#parts;
    switch (event.type) {
      case 'request.approve':
      case 'request.deny':
      case 'request.withdraw':
      case 'request.expire':
      case 'request.review': {
        const request = await requests.get(event.request);
        return request !== null && seesRequest(principal, request);
      }
      case 'grant.revoke':
      case 'grant.return':
      case 'grant.extend': {
        const grant = (await store.getPast(event.grant))?.grant;
        if (grant === undefined) return false;
        return mayTouch(principal, grant, { owns: ownsGrant(principal, grant), roles: OVERSEERS });
      }
      case 'hold.approve':
      case 'hold.deny': {
        const held = await holds.get(event.hold);
        if (held === null) return false;
        return mayTouch(principal, held, { owns: ownsHold(principal, held), roles: OVERSEERS });
      }
      case 'risk.verdict': {
        const alarm = await source.alarm(event.alarm);
        return alarm !== null && seesEvent(principal, alarm.flag);
      }
      default:
        return false;
    }
  }
}
