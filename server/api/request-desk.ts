import type { Principal } from '../../access/accounts/principal.ts';
import type { GrantStore } from '../../access/grant-store.ts';
import type { Policy } from '../../access/policy/policy.ts';
import { within } from '../../access/policy/within-cap.ts';
import type { AccessRequest } from '../../access/requests/access-request.ts';
import { ask } from '../../access/requests/ask.ts';
import type { RequestStore } from '../../access/requests/request-store.ts';
import { createScramVerifier } from '../../access/scram-verifier.ts';
import { newToken } from '../../access/token.ts';
import type { ApiConfig } from '../config-api.ts';
import { type ExtensionParts, extendAccess } from '../extend-access.ts';
import type { TriagedRequest } from '../triage/request-triage.ts';
import type { RequestWish } from '../triage/request-wish.ts';
import { policyPrincipal } from './policy-principal.ts';

export interface DeskParts {
  readonly requests: Pick<RequestStore, 'submit'> & ExtensionParts['requests'];
  readonly store: Pick<GrantStore, 'get'>;
  readonly policy: { readonly current: Policy };
  readonly triage: { look(wish: RequestWish): Promise<TriagedRequest> };
  readonly config: Pick<ApiConfig, 'agents' | 'onCall'>;
}

/** What is asked, without who asks: that comes from their login. */
export type Wish = Omit<RequestWish, 'principal' | 'address'>;

/** Of whose grant, how much later it is to end (ms), and why. */
export interface TimeWish {
  /** Of the grant, or of the request that it has come of. */
  readonly id: string;
  readonly ttl: number;
  readonly reason: string;
  readonly ticket: string | null;
}

/** Takes requests from those who are logged in. */
export class RequestDesk {
  readonly #parts: DeskParts;

  constructor(parts: DeskParts) {
    this.#parts = parts;
  }

  /** The token is the only one there is. Throws what triage and the store throw. */
  async submit(
    principal: Principal,
    address: string,
    wish: Wish,
  ): Promise<{ readonly request: AccessRequest; readonly token: string }> {
    const { requests, policy, triage } = this.#parts;
    const whole = { ...wish, principal: policyPrincipal(principal), address };
    const { form, triage: finding } = await triage.look(this.#bounded(principal, whole));
    const onCall = this.#isOnCall(principal);
    const token = newToken();
    const verifier = await createScramVerifier(token);
    const asked = ask(policy.current, form, { onCall, triage: finding, now: Date.now() });
    return { request: await requests.submit(asked, verifier), token };
  }

  /** null: there is no such grant. Throws ReviewRefused, and what triage and the store throw. */
  extend(principal: Principal, address: string, wish: TimeWish): Promise<AccessRequest | null> {
    const { requests, store, policy, triage, config } = this.#parts;
    const { id, teams, roles, kind } = principal;
    return extendAccess(
      { requests, store, policy: policy.current, triage },
      {
        ...wish,
        ...{ principal: { id, teams, roles }, address, onCall: this.#isOnCall(principal) },
        ...(kind === 'agent' && { longest: config.agents.ttl }),
      },
    );
  }

  #isOnCall({ groups }: Principal): boolean {
    return groups.some((group) => this.#parts.config.onCall.includes(group));
  }

  /** INVARIANT: an agent asks for no more than agents get, whatever a rule would give. */
  #bounded({ kind }: Principal, wish: RequestWish): RequestWish {
    if (kind !== 'agent') return wish;
    const { terms } = wish;
    const { ttl, limits } = this.#parts.config.agents;
    const asked = { scope: [], ttl: terms.ttl ?? ttl, limits: terms.limits };
    const { terms: least } = within(asked, { scope: [], ttl, limits });
    return { ...wish, terms: { ...terms, ttl: least.ttl, limits: least.limits } };
  }
}
