/**
 * The pictures of the README, of the console as it is:
 *
 *   node test/browser/pictures.ts     writes docs/images/
 */
import { mkdirSync } from 'node:fs';
import type { GrantTermsInput } from '../../access/grant.ts';
import { Browser } from './browser.ts';
import { Psql, Stack } from './stack.ts';

const IMAGES = new URL('../../docs/images/', import.meta.url).pathname;

/** Who is connected, and what they have run. */
const WORK: readonly (readonly [Partial<GrantTermsInput>, readonly string[]])[] = [
  [
    {},
    [
      "SELECT id, subject, status FROM tickets WHERE status = 'open' ORDER BY id LIMIT 5;",
      'BEGIN;',
      'SELECT id, status, placed_at FROM orders WHERE id = 4312;',
      'SELECT full_name, email FROM customers WHERE id = (SELECT customer_id FROM orders WHERE id = 4312);',
      'COMMIT;',
      'DELETE FROM tickets WHERE id = 7;',
      'SELECT * FROM payments WHERE order_id = 4312;',
      "SELECT status, count(*), max(placed_at) FROM orders WHERE customer_id IN (SELECT id FROM customers WHERE created_at > now() - interval '30 days') GROUP BY status ORDER BY count(*) DESC;",
    ],
  ],
  [
    {
      principal: { id: 'bob', teams: ['platform'] },
      reason: 'index for the slow order search',
      ticket: 'OPS-118',
    },
    ['EXPLAIN SELECT * FROM orders WHERE customer_id = 12;', 'SELECT count(*) FROM orders;'],
  ],
  [
    { principal: { id: 'report-bot', teams: ['finance'] }, reason: 'nightly revenue report', ticket: null },
    [
      'SELECT count(*) FROM customers;',
      'SELECT full_name, email, phone, birth_date FROM customers ORDER BY id LIMIT 900;',
    ],
  ],
  [
    { principal: { id: 'carol', teams: ['support'] }, reason: 'address of a customer', ticket: 'INC-4320' },
    [
      'SELECT street, postal_code FROM addresses WHERE customer_id = 99;',
      "SELECT full_name, email, phone FROM customers WHERE full_name LIKE '%' OR 1 = 1 ORDER BY id LIMIT 900;",
    ],
  ],
];

const stack = await Stack.start({ config: { risk: { timeout: '60s', thresholds: { flag: 0.3 } } } });
const clients: Psql[] = [];
for (const [terms, statements] of WORK) {
  const psql = new Psql((await stack.grant(terms)).url);
  clients.push(psql);
  for (const sql of statements) await psql.run(sql);
}
const browser = await Browser.start(stack);
try {
  mkdirSync(IMAGES, { recursive: true });
  const page = await browser.page({ teardown: () => {} }, 'dba');
  await page.getByText('report-bot').waitFor();
  await page.getByText('address of a customer').waitFor();
  await page.getByText('1 alarm').waitFor();
  await page.screenshot({ path: `${IMAGES}console-live.png` });
  await page.getByRole('link', { name: 'alice' }).click();
  await page.getByRole('row').filter({ hasText: 'DELETE FROM tickets' }).click();
  await page.getByText('delete on public.tickets is missing').first().waitFor();
  await page.screenshot({ path: `${IMAGES}console-session.png` });
  await page.goto(stack.url);
  await page.getByRole('link', { name: 'carol' }).click();
  await page.getByRole('row').filter({ hasText: 'OR 1 = 1' }).click();
  await page.getByText('Alarm: flagged').waitFor();
  await page.screenshot({ path: `${IMAGES}console-alarm.png` });
} finally {
  await browser.stop();
  for (const psql of clients) await psql.quit();
  await stack.stop();
}
