/** What the demo grants, and what to try under it. */
import type { GrantTermsInput } from '../../access/grant.ts';
import { SHOP } from './shop.ts';

const ROWS_PER_STATEMENT = 1000;

/** A support agent for half an hour: reads the shop without payments and salaries, and works on tickets. */
export const SUPPORT_GRANT: GrantTermsInput = {
  principal: { id: 'alice', teams: ['support'] },
  database: SHOP,
  scope: [
    { actions: ['select'], on: ['public.*', '!public.payments', '!public.employees'] },
    { actions: ['update'], on: ['public.tickets'] },
    { actions: ['execute'], on: ['public.mask_email', 'public.set_updated_at'] },
  ],
  limits: { rowsPerStatement: ROWS_PER_STATEMENT, rows: 20_000 },
  reason: 'demo',
};

export interface Step {
  readonly what: string;
  readonly sql: string;
}

export const TOUR: readonly Step[] = [
  { what: 'allowed', sql: "SELECT id, subject, status FROM tickets WHERE status = 'open' LIMIT 5;" },
  { what: 'refused', sql: 'DELETE FROM customers WHERE id = 1;' },
  { what: `cut off after ${ROWS_PER_STATEMENT} rows`, sql: 'SELECT * FROM customers;' },
];

/** Sentences to ask for access with, under policy.yaml. */
export const SENTENCES: readonly { readonly what: string; readonly reason: string }[] = [
  { what: 'granted at once', reason: 'customer of order 4312 asks where the parcel is' },
  { what: 'waits for a lead', reason: 'correct the status of ticket 7' },
  { what: 'refused', reason: 'export all customers to csv for a mailing' },
];
