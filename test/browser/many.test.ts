/** Lists of a size that no page may be built of as a whole: 2,000 open sessions, 100,000 statements in one. */
import anyTest, { type ExecutionContext, type TestFn } from 'ava';
import { Redis } from 'ioredis';
import type { Page } from 'playwright-core';
import { grantKeys } from '../../access/redis.ts';
import { Spool } from '../../audit/spool.ts';
import { SHOP } from '../../server/demo/shop.ts';
import { Browser } from './browser.ts';
import { Stack } from './stack.ts';

interface Context {
  readonly stack: Stack;
  readonly browser: Browser;
  readonly spool: Spool;
}

const test = anyTest as TestFn<Context>;

const [SESSIONS, GRANTS, STATEMENTS] = [2_000, 20, 100_000];
/** Rows that may exist at one time, whatever the list has. */
const MOST_ROWS = 80;
const LONG = 'fedcba9876543210';

test.before(async (t) => {
  const stack = await Stack.start();
  const spool = Spool.open({
    ...{ directory: stack.node.spool, node: 'test', stream: 'many', fsync: 'never' as const },
    onFault: (fault) => t.log(fault.message),
  });
  Object.assign(t.context, { stack, spool });
  await openMany(stack, spool);
  await runMany(spool);
  Object.assign(t.context, { browser: await Browser.start(stack) });
});

test.after.always(async (t) => {
  await t.context.browser?.stop();
  await t.context.spool?.close();
  await t.context.stack?.stop();
});

test.serial('2,000 open sessions are a list of few rows, and count without being drawn anew', async (t) => {
  const { browser, spool } = t.context;
  const page = await browser.page(t, 'dba');
  await page.getByText(`${SESSIONS} open`).waitFor();
  await countLongTasks(page);
  const list = page.getByRole('table', { name: 'Open sessions' });
  await list.focus();
  await list.press('End');
  await list.getByText(`user ${SESSIONS - 1}`, { exact: true }).waitFor();
  t.true((await list.getByRole('row').count()) < MOST_ROWS);
  for (let round = 1; round <= 5; round++) {
    for (let index = 0; index < SESSIONS; index++) run(spool, idOf(index), round);
    await spool.commit();
    const last = list.getByRole('row').filter({ hasText: `user ${SESSIONS - 1}` });
    await last
      .locator('.cell-statements .number', { hasText: new RegExp(`^${round}$`) })
      .first()
      .waitFor();
  }
  await tellLongTasks(t, page, '2,000 sessions counting');
  await page.getByRole('searchbox').fill('user 1234');
  await page.getByText(`1 of ${SESSIONS} open`).waitFor();
  await page.reload();
  await page.getByText(`1 of ${SESSIONS} open`).waitFor();
});

test.serial('a session of 100,000 statements is replayed from any of them', async (t) => {
  const { stack, browser } = t.context;
  const page = await browser.page(t, 'dba');
  await page.goto(`${stack.url}/sessions/${LONG}#s${STATEMENTS - 10}`);
  await page
    .getByRole('region', { name: `Statement ${STATEMENTS - 10}` })
    .getByText(`id = ${STATEMENTS - 10}`)
    .waitFor();
  await countLongTasks(page);
  const list = page.getByRole('table', { name: 'Statements' });
  t.is(await list.getAttribute('aria-rowcount'), String(STATEMENTS));
  for (const [key, number] of [
    ['Home', 1],
    ['PageDown', null],
    ['End', STATEMENTS],
  ] as const) {
    await list.press(key);
    if (number !== null)
      await page
        .getByRole('region', { name: `Statement ${number}`, exact: true })
        .getByText(`id = ${number}`)
        .waitFor();
  }
  const slider = page.getByRole('slider');
  const { width = 0, height = 0 } = (await slider.boundingBox()) ?? {};
  await slider.click({ position: { x: width / 2, y: height / 2 } });
  const shown = page.getByRole('region', { name: /^Statement \d+$/ });
  const reached = Number((await slider.getAttribute('aria-valuenow')) ?? 0);
  t.true(reached > 1 && reached < STATEMENTS, 'all of the session is on the timeline, loaded or not');
  await shown.getByText(`id = ${reached}`).waitFor();
  await slider.press('End');
  await slider.press('PageDown');
  await page
    .getByRole('region', { name: `Statement ${STATEMENTS * 0.98}` })
    .getByText(`id = ${STATEMENTS * 0.98}`)
    .waitFor();
  t.true((await list.getByRole('row').count()) < MOST_ROWS);
  await tellLongTasks(t, page, 'through 100,000 statements');
});

const idOf = (index: number): string => index.toString(16).padStart(16, '0');

/** As processes describe them in Redis while they are open. */
async function openMany(stack: Stack, spool: Spool): Promise<void> {
  const redis = new Redis(stack.node.redis.url);
  const grants = await Promise.all(Array.from({ length: GRANTS }, () => stack.grant()));
  const batch = redis.pipeline();
  for (let index = 0; index < SESSIONS; index++) {
    const grant = grants[index % GRANTS]!.id;
    const keys = grantKeys(grant);
    const info = {
      ...{
        session: idOf(index),
        grant,
        principal: `user ${index}`,
        database: SHOP,
        client: `10.0.0.1:${index}`,
      },
      ...{ application: 'psql', node: 'elsewhere', backendPid: index },
      since: new Date(Date.UTC(2026, 0, 1) + index * 1000).toISOString(),
    };
    batch.zadd(keys.sessions, Date.now() + 3_600_000, info.session);
    batch.hset(keys.who, info.session, JSON.stringify(info));
    start(spool, info.session);
  }
  await batch.exec();
  await spool.commit();
  redis.disconnect();
}

const refOf = (session: string) => ({
  ...{ session, grant: 'abcdefgh', principal: 'alice', database: SHOP, client: '10.0.0.1:5' },
});

function start(spool: Spool, session: string): void {
  const facts = { application: 'psql', backendPid: 1, tls: false, protocol: '3.0' };
  spool.append({ type: 'session.start', ...facts, ...refOf(session) });
}

function run(spool: Spool, session: string, number: number): void {
  const ref = refOf(session);
  spool.append({
    ...ref,
    ...{
      type: 'statement',
      statement: number,
      via: 'query',
      decision: 'allow',
      sql: `SELECT total FROM orders WHERE id = ${number}`,
    },
    ...{ tags: ['SELECT'], needs: [], reasons: [], sqlstate: null },
  });
  spool.append({
    ...ref,
    ...{
      type: 'statement.end',
      statement: number,
      rows: 1,
      bytes: 20,
      durationMs: 1,
      tag: 'SELECT 1',
      sqlstate: null,
      cut: null,
    },
  });
}

async function runMany(spool: Spool): Promise<void> {
  start(spool, LONG);
  for (let number = 1; number <= STATEMENTS; number++) {
    run(spool, LONG, number);
    if (number % 1_000 === 0) await spool.commit();
  }
  spool.append({
    ...refOf(LONG),
    ...{
      type: 'session.end',
      reason: 'client',
      detail: null,
      durationMs: 1,
      denied: 0,
      bytes: 20 * STATEMENTS,
    },
    ...{ statements: STATEMENTS, rows: STATEMENTS },
  });
  await spool.commit();
}

/** Tasks of more than 50 ms, as browsers count them (W3C, Long Tasks). */
const countLongTasks = (page: Page): Promise<unknown> =>
  page.evaluate(`
    globalThis.longTasks = [];
    new PerformanceObserver((list) => longTasks.push(...list.getEntries().map(({ duration }) => duration)))
      .observe({ type: 'longtask' });
    0`);

/** How long depends on the machine, and is told, not judged. */
async function tellLongTasks(t: ExecutionContext<unknown>, page: Page, what: string): Promise<void> {
  const tasks = await page.evaluate<readonly number[]>('longTasks');
  t.log(
    `${what}: ${tasks.length} tasks longer than 50 ms, the longest of ${Math.round(Math.max(0, ...tasks))} ms`,
  );
}
