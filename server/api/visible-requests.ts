import type { Principal } from '../../access/accounts/principal.ts';
import type { AccessRequest } from '../../access/requests/access-request.ts';
import type { RequestStore } from '../../access/requests/request-store.ts';
import { notFound } from './api-route.ts';
import { asConflict } from './domain-faults.ts';
import { seesRequest } from './visibility.ts';

/** Requests, for those who may see them. */
export class VisibleRequests {
  readonly #requests: RequestStore;

  constructor(requests: RequestStore) {
    this.#requests = requests;
  }

  /** Rejects with an HttpFault where there is none that they may see. */
  async get(principal: Principal, id: string): Promise<AccessRequest> {
    const request = await this.#requests.get(id);
    if (request === null || !seesRequest(principal, request)) throw notFound('request', id);
    return request;
  }

  /** Makes of it what `make` makes of it. Rejects with an HttpFault where that, or it, can't be. */
  async change(
    principal: Principal,
    id: string,
    make: (request: AccessRequest) => AccessRequest,
  ): Promise<AccessRequest> {
    await this.get(principal, id);
    const changed = await this.#requests.change(id, principal.id, make).catch(asConflict);
    if (changed === null) throw notFound('request', id);
    return changed;
  }
}
