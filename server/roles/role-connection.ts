/** Connections of the service role on which roles are made and dropped, and what all such work has in common. */
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';

/** Changes of privileges take turns in a database: two at once on one catalog row would fail. */
const LOCK = [0x706f7374, 0x65726e31] as const;
/** ms. Work that takes longer is given up. */
const TIMEOUT = 30_000;
/** ms until work begins out of turn. */
const PATIENCE = 10_000;
const ATTEMPTS = 6;
/**
 * ms to wait for a lock of others before the turn is left to somebody else for a while. From PostgreSQL 18 on, GRANT waits
 * for whoever has the table locked.
 */
const LOCK_TIMEOUT = 500;
/** Whatever the service role's own settings are. */
const BEGIN = `
  begin read write; set local search_path = pg_catalog;
  set local lock_timeout = ${LOCK_TIMEOUT}; set local statement_timeout = ${TIMEOUT}`;

/**
 * What passes when it is tried again: another session changed the same catalog row (XX000 "tuple concurrently ..."), made
 * the role first (23505, 42710), dropped or renamed what we were about to name (42P01, 42704, 42883, 3F000), a deadlock.
 */
const PASSING: ReadonlySet<string> = new Set(
  '23505 42710 42P01 42703 42704 42883 3F000 40001 40P01'.split(' '),
);

function passes(fault: unknown): boolean {
  if (!(fault instanceof pg.DatabaseError)) return false;
  return (
    PASSING.has(fault.code ?? '') ||
    (fault.code === 'XX000' && fault.message.startsWith('tuple concurrently'))
  );
}

const isLocked = (fault: unknown): boolean => fault instanceof pg.DatabaseError && fault.code === '55P03';

/** Runs `work` on a connection; again, from the start, when it failed for a passing reason. */
export async function onConnection<T>(
  pool: pg.Pool,
  work: (client: pg.PoolClient) => Promise<T>,
): Promise<T> {
  const deadline = performance.now() + TIMEOUT;
  for (let attempt = 1; ; ) {
    try {
      return await once(pool, work);
    } catch (fault) {
      const again = isLocked(fault) ? performance.now() < deadline : passes(fault) && attempt++ < ATTEMPTS;
      if (!again) throw fault;
      await sleep(attempt * 20 * Math.random());
    }
  }
}

/** The same in one transaction. */
export function inTransaction<T>(pool: pg.Pool, work: (client: pg.PoolClient) => Promise<T>): Promise<T> {
  return onConnection(pool, async (client) => {
    await client.query(BEGIN);
    const result = await work(client);
    await client.query('commit');
    return result;
  });
}

/** The same while no other process of ours changes privileges in the database. */
export function inTurn<T>(pool: pg.Pool, work: (client: pg.PoolClient) => Promise<T>): Promise<T> {
  return inTransaction(pool, async (client) => {
    await takeTurn(client);
    return work(client);
  });
}

/**
 * Turns only spare attempts, and everybody may take an advisory lock: one that is in other hands than the service role's
 * is not waited for, so that nobody can keep grants from getting their roles.
 */
async function takeTurn(client: pg.PoolClient): Promise<void> {
  const deadline = performance.now() + PATIENCE;
  for (;;) {
    const { rows } = await client.query(TURN, [...LOCK]);
    const { taken, isSquatted } = rows[0] as { readonly taken: boolean; readonly isSquatted: boolean };
    if (taken || isSquatted || performance.now() > deadline) return;
    await sleep(5 + 20 * Math.random());
  }
}

const TURN = `
  select taken, not taken and exists (
           select from pg_locks l join pg_stat_activity a using (pid)
           where l.locktype = 'advisory' and l.granted and l.objsubid = 2 and a.usename <> current_user
             and l.classid = $1::int4::oid and l.objid = $2::int4::oid
             and l.database = (select oid from pg_database where datname = current_database())) as "isSquatted"
  from pg_try_advisory_xact_lock($1, $2) as taken`;

async function once<T>(pool: pg.Pool, work: (client: pg.PoolClient) => Promise<T>): Promise<T> {
  const client = await pool.connect();
  try {
    const result = await work(client);
    client.release();
    return result;
  } catch (fault) {
    const usable = await client.query('rollback').then(
      () => true,
      () => false,
    );
    client.release(!usable);
    throw fault;
  }
}
