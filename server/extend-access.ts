/** More time for a grant, as the command and the API ask for it. */
import type { GrantStore } from '../access/grant-store.ts';
import type { Policy } from '../access/policy/policy.ts';
import type { AccessRequest } from '../access/requests/access-request.ts';
import { askExtension, type ExtensionWish } from '../access/requests/extension.ts';
import type { RequestStore } from '../access/requests/request-store.ts';
import { ReviewRefused } from '../access/requests/review-request.ts';
import type { RequestTriage } from './triage/request-triage.ts';

export interface ExtensionParts {
  readonly requests: Pick<RequestStore, 'get' | 'ofGrant' | 'submit'>;
  readonly store: Pick<GrantStore, 'get'>;
  readonly policy: Policy;
  readonly triage: Pick<RequestTriage, 'look'>;
}

export interface ExtensionAsking extends Omit<ExtensionWish, 'request' | 'grant'> {
  /** Of the grant, or of the request that it has come of. */
  readonly id: string;
  readonly onCall: boolean;
  /** ms of the whole of a grant's life that may be asked for; absent: that is for the policy alone. */
  readonly longest?: number;
}

/** Asks, and extends the grant if the policy says so. null: there is nothing of that id. Throws ReviewRefused. */
export async function extendAccess(
  { requests, store, policy, triage }: ExtensionParts,
  { id, onCall, longest = Number.POSITIVE_INFINITY, ...asked }: ExtensionAsking,
): Promise<AccessRequest | null> {
  const request = await requestOf(requests, id);
  if (request === null) return null;
  if (request.state.kind !== 'approved')
    throw new ReviewRefused(`it is ${request.state.kind}: no grant has come of it`);
  const { grant } = (await store.get(request.state.grant)) ?? {};
  if (grant === undefined) throw new ReviewRefused('its grant is over; ask for a new one');
  const { expiresAt, issuedAt, scope, limits } = grant;
  const left = Date.parse(issuedAt) + longest - Date.parse(expiresAt);
  if (left <= 0) throw new ReviewRefused('it lives as long as it may already; ask for a new one');
  const ttl = Math.min(asked.ttl, left);
  const { principal, database, emergency } = request;
  const { reason, ticket, address } = asked;
  const terms = { scope, limits, ttl: Date.parse(expiresAt) + ttl - Date.now() };
  const { triage: finding } = await triage.look({
    principal: { ...principal, ...asked.principal },
    ...{ database, emergency, reason, ticket, address, terms },
  });
  const circumstances = { onCall, triage: finding, now: Date.now() };
  return await requests.submit(askExtension(policy, { ...asked, ttl, request, grant }, circumstances), null);
}

/** The one that the grant has come of: not one by which it was extended. */
async function requestOf(requests: ExtensionParts['requests'], id: string): Promise<AccessRequest | null> {
  const request = (await requests.get(id)) ?? (await requests.ofGrant(id));
  return request?.extension === undefined ? request : await requests.get(request.extension.request);
}
