/** Loads the catalog of one database, and again what has changed of it: its rows in one transaction, some at a time. */
import { setImmediate } from 'node:timers/promises';
import type { Catalog } from '../guardrails/catalog.ts';
import { type CatalogRowLists, type RowList, rowKeys, type SessionRow } from '../guardrails/catalog-rows.ts';
import { CatalogSnapshot } from '../guardrails/catalog-snapshot.ts';
import { type CatalogClient, inSnapshot } from './catalog-client.ts';
import { dependentHomes } from './catalog-dependents.ts';
import { type CatalogFingerprint, readFingerprint, sameWhole, touchedPieces } from './catalog-fingerprint.ts';
import { CatalogPieces, isHome, PIECE_BITS } from './catalog-pieces.ts';
import { catalogKinds, catalogQuery, notableQuery, sessionQuery } from './catalog-queries.ts';
import { PackedRows, type RowBatch } from './packed-rows.ts';
import { PatchedRows } from './patched-rows.ts';

/** Rows by kind, but for the session's. */
export type LoadedRows = Readonly<Record<string, RowList<object, string | number>>>;

/** A catalog that was loaded as a whole, or put over one that was. */
export interface LoadedCatalog {
  readonly catalog: Catalog;
  /** What it looks into. */
  readonly rows: LoadedRows;
  /** Of the same transaction as the rows. */
  readonly fingerprint: CatalogFingerprint;
  readonly whole: {
    readonly session: SessionRow;
    readonly rows: LoadedRows;
    readonly fingerprint: CatalogFingerprint;
  };
}

/** With more pieces than `most` loaded anew, everything may as well be. */
export interface PieceSize {
  readonly bits: number;
  readonly most: number;
}
const PIECE_SIZE: PieceSize = { bits: PIECE_BITS, most: 64 };

/**
 * The catalog as the service role sees it. Rejects with the server's error, or for a service role whose sessions begin as
 * another role (ALTER ROLE ... SET role): a client could undo that. The client is then to be thrown away. Leaves the
 * client's settings as they were.
 */
export async function loadWhole(
  client: CatalogClient,
  version: number,
  { bits } = PIECE_SIZE,
): Promise<LoadedCatalog> {
  return inSessionsSnapshot(client, async (session) => {
    const fingerprint = await readFingerprint(client, null, bits);
    await client.query(notableQuery);
    const rows: Record<string, PackedRows<object>> = {};
    for (const kind of catalogKinds) rows[kind] = await fetchRows(client, kind, null);
    const catalog = snapshotOf(session, rows, version);
    return { catalog, rows, fingerprint, whole: { session, rows, fingerprint } };
  });
}

export const loadCatalog = async (client: CatalogClient, version: number): Promise<Catalog> =>
  (await loadWhole(client, version)).catalog;

/**
 * The same catalog if nothing has changed, and otherwise another, for which only what has changed was read. null: so much
 * has changed, or for whole sessions, that it is to be loaded as a whole, on a connection that begins now.
 */
export async function loadChanges(
  client: CatalogClient,
  known: LoadedCatalog,
  { bits, most } = PIECE_SIZE,
): Promise<LoadedCatalog | null> {
  const { whole } = known;
  return inSessionsSnapshot(client, async (session) => {
    const fingerprint = await readFingerprint(client, known.fingerprint, bits);
    if (!sameWhole(fingerprint, known.fingerprint) || !sameSession(session, whole.session)) return null;
    if (touchedPieces(fingerprint, known.fingerprint).size === 0) return { ...known, fingerprint };
    const touched = touchedPieces(fingerprint, whole.fingerprint);
    if (touched.size > most) return null;
    const pieces = await withDependents(client, touched, bits);
    if (pieces.size > most) return null;
    await client.query(notableQuery);
    const rows = await fetchPatched(client, whole.rows, new CatalogPieces(pieces, bits));
    const catalog = snapshotOf(session, rows, known.catalog.version + 1);
    return { catalog, rows, fingerprint, whole };
  });
}

/** Runs `use` in a transaction, with what the session was before its settings changed for that. */
async function inSessionsSnapshot<T>(
  client: CatalogClient,
  use: (session: SessionRow) => Promise<T>,
): Promise<T> {
  let session: (SessionRow & SessionRoles) | undefined;
  return inSnapshot(
    client,
    () => use(session!),
    async () => {
      [session] = (await client.query(sessionQuery)).rows as readonly (SessionRow & SessionRoles)[];
      requireOwnRole(session!);
    },
  );
}

interface SessionRoles {
  readonly user: string;
  readonly loginUser: string;
}

/** INVARIANT (promise 1): `role` is pinned, to none. */
function requireOwnRole({ user, loginUser }: SessionRoles): void {
  if (user === loginUser) return;
  throw new Error(
    `sessions of ${loginUser} begin as ${user}, by a setting of role: take it away (ALTER ROLE or ALTER DATABASE ... RESET role) and have Postern log in as ${user}`,
  );
}

const sameSession = (one: SessionRow, other: SessionRow): boolean =>
  JSON.stringify(one) === JSON.stringify(other);

async function withDependents(
  client: CatalogClient,
  touched: ReadonlySet<number>,
  bits: number,
): Promise<ReadonlySet<number>> {
  const { rows } = await client.query(
    `select distinct (home >> ${bits})::float8 as piece from (${dependentHomes(new CatalogPieces(touched, bits))}) d`,
  );
  return new Set([...touched, ...(rows as readonly { readonly piece: number }[]).map(({ piece }) => piece)]);
}

async function fetchPatched(
  client: CatalogClient,
  then: LoadedRows,
  pieces: CatalogPieces,
): Promise<LoadedRows> {
  const rows: Record<string, RowList<object, string | number>> = {};
  for (const kind of catalogKinds) {
    const now = await fetchRows(client, kind, pieces);
    rows[kind] = new PatchedRows(then[kind]!, (row) => !isHome(kind, row, pieces), now);
  }
  return rows;
}

/** Little enough to be taken in within a millisecond or two. */
const BATCHES_PER_FETCH = 32;

/** By a cursor, so that the event loop has its turns. */
async function fetchRows(
  client: CatalogClient,
  kind: (typeof catalogKinds)[number],
  pieces: CatalogPieces | null,
): Promise<PackedRows<object>> {
  const key = rowKeys[kind as keyof typeof rowKeys] ?? null;
  const packed = new PackedRows<object>(key as never);
  await client.query(`declare batches no scroll cursor for ${catalogQuery(kind, pieces)}`);
  for (;;) {
    const { rows } = await client.query(`fetch ${BATCHES_PER_FETCH} from batches`);
    packed.add(rows as readonly RowBatch[]);
    if (rows.length < BATCHES_PER_FETCH) break;
    await setImmediate();
  }
  await client.query('close batches');
  return packed;
}

const snapshotOf = (session: SessionRow, rows: LoadedRows, version: number): Catalog =>
  new CatalogSnapshot({ session: [session], ...rows } as unknown as CatalogRowLists, version);
