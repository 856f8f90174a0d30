/** Requests for access, as reviewers decide on them. */
import { z } from 'zod';
import { concluded } from '../../access/requests/aftercare.ts';
import { approved, denied } from '../../access/requests/review-request.ts';
import { GRANT_ID, newGrantId } from '../../access/token.ts';
import { type ApiRoute, route } from './api-route.ts';
import { approveBody, concludeBody, reasonBody, requestAnswer, scopeWished } from './request-schema.ts';
import { reviewerOf } from './visibility.ts';
import type { VisibleRequests } from './visible-requests.ts';

const params = z.strictObject({ id: z.string().regex(GRANT_ID) });

export function reviewRoutes(visible: VisibleRequests): readonly ApiRoute[] {
  const approve = route(
    ['reviewer'],
    {
      ...{ method: 'POST', url: '/v1/requests/:id/approve', operationId: 'approveRequest', params },
      ...{ body: approveBody, answer: requestAnswer },
      summary: 'Approve a request, or less than it asks. Never your own.',
    },
    async ({ principal, params: { id }, body: { comment, allow, deny, ttl } }) => {
      const now = Date.now();
      const scope = scopeWished({ allow, deny });
      return await visible.change(principal, id, (found) => {
        const terms = found.state.kind === 'pending' ? found.state.terms : found.terms;
        const less = scope !== null || ttl !== undefined;
        const narrowed = less ? { scope: scope ?? terms.scope, ttl: ttl ?? terms.ttl } : null;
        return approved(found, reviewerOf(principal), { comment, narrowed, grant: newGrantId() }, now);
      });
    },
  );

  const deny = route(
    ['reviewer'],
    {
      ...{ method: 'POST', url: '/v1/requests/:id/deny', operationId: 'denyRequest', params },
      ...{ body: reasonBody, answer: requestAnswer },
      summary: 'Deny a request; the reason is shown to whoever asked. Never your own.',
    },
    async ({ principal, params: { id }, body: { reason } }) => {
      const now = Date.now();
      return await visible.change(principal, id, (found) =>
        denied(found, reviewerOf(principal), reason, now),
      );
    },
  );

  const conclude = route(
    ['reviewer'],
    {
      ...{ method: 'POST', url: '/v1/requests/:id/conclude', operationId: 'concludeRequest', params },
      ...{ body: concludeBody, answer: requestAnswer },
      summary: 'Say of an emergency, afterwards, whether it was one. Never of your own.',
    },
    async ({ principal, params: { id }, body }) => {
      const now = Date.now();
      return await visible.change(principal, id, (found) =>
        concluded(found, reviewerOf(principal), body, now),
      );
    },
  );

  return [approve, deny, conclude];
}
