/** Statements that wait for a reviewer: seen, and decided on. */
import { z } from 'zod';
import type { Principal } from '../../access/accounts/principal.ts';
import type { Held } from '../../access/holds/held.ts';
import type { HoldStore } from '../../access/holds/hold-store.ts';
import { holdApproved, holdDenied } from '../../access/holds/review-hold.ts';
import { GRANT_ID } from '../../access/token.ts';
import { type ApiRoute, notFound, route } from './api-route.ts';
import { asConflict } from './domain-faults.ts';
import { prose, reasonBody } from './request-schema.ts';
import { mayTouch, OVERSEERS, ownsHold, reviewerOf } from './visibility.ts';

const params = z.strictObject({ id: z.string().regex(GRANT_ID) });
const approveBody = z.strictObject({ comment: prose(1000).default('') });

const holdAnswer = z.looseObject({
  id: z.string(),
  askedAt: z.string().describe('ISO 8601 UTC.'),
  expiresAt: z.string(),
  principal: z.looseObject({ id: z.string() }),
  database: z.string(),
  grant: z.string(),
  session: z.string(),
  statement: z
    .looseObject({ cause: z.string(), sql: z.string() })
    .describe('With what the grant lacks, and why. Secrets in it are replaced.'),
  state: z.looseObject({ kind: z.string() }).describe('kind: pending, approved, denied or expired.'),
});

export function holdRoutes(holds: HoldStore): readonly ApiRoute[] {
  const list = route(
    ['requester', ...OVERSEERS],
    {
      ...{ method: 'GET', url: '/v1/holds', operationId: 'listHolds' },
      answer: z.object({ holds: z.array(holdAnswer), tampered: z.array(z.string()) }),
      summary: 'Statements held in the last day, the newest first: your own, or all for those who watch.',
    },
    async ({ principal }) => {
      const { holds: all, tampered } = await holds.list();
      const watches = OVERSEERS.some((role) => principal.roles.includes(role));
      return { holds: all.filter((held) => sees(principal, held)), tampered: watches ? tampered : [] };
    },
  );

  const show = route(
    ['requester', ...OVERSEERS],
    {
      ...{ method: 'GET', url: '/v1/holds/:id', operationId: 'getHold', params },
      ...{ answer: holdAnswer, summary: 'One of them.' },
    },
    async ({ principal, params: { id } }) => await visible(principal, id),
  );

  const approve = route(
    ['reviewer'],
    {
      ...{ method: 'POST', url: '/v1/holds/:id/approve', operationId: 'approveHold', params },
      ...{ body: approveBody, answer: holdAnswer },
      summary: 'Let it run, once, as it is. Never your own.',
    },
    async ({ principal, params: { id }, body: { comment } }) => {
      const now = Date.now();
      return await decide(principal, id, (held) => holdApproved(held, reviewerOf(principal), comment, now));
    },
  );

  const deny = route(
    ['reviewer'],
    {
      ...{ method: 'POST', url: '/v1/holds/:id/deny', operationId: 'denyHold', params },
      ...{ body: reasonBody, answer: holdAnswer },
      summary: 'Refuse it; the reason is shown to whoever runs it. Never your own.',
    },
    async ({ principal, params: { id }, body: { reason } }) => {
      const now = Date.now();
      return await decide(principal, id, (held) => holdDenied(held, reviewerOf(principal), reason, now));
    },
  );

  async function decide(principal: Principal, id: string, change: (held: Held) => Held): Promise<Held> {
    await visible(principal, id);
    const held = await holds.decide(id, change).catch(asConflict);
    if (held === null) throw notFound('held statement', id);
    return held;
  }

  /** Rejects with an HttpFault where there is none that they may see. */
  async function visible(principal: Principal, id: string): Promise<Held> {
    const held = await holds.get(id);
    if (held === null || !sees(principal, held)) throw notFound('held statement', id);
    return held;
  }

  return [list, show, approve, deny];
}

const sees = (principal: Principal, held: Held): boolean =>
  mayTouch(principal, held, { owns: ownsHold(principal, held), roles: OVERSEERS });
