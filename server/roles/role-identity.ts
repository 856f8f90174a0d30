/**
 * Name, password and marker of the database role of a grant, all derived from the signing key: every node and worker
 * knows them, and nothing has to be stored or sent around.
 */
import { createHmac, hkdfSync, timingSafeEqual } from 'node:crypto';
import type { Grant } from '../../access/grant.ts';

/** Roles of grants, ours or another installation's. */
export const ROLE_PREFIX = 'postern_';

/** What stands in a role's comment: proof that we made it, for which grant, in which database, until when. */
export interface RoleMarker {
  readonly role: string;
  readonly grant: string;
  /** OID of the one database in which it has privileges. */
  readonly database: number;
  /** ISO 8601 UTC. */
  readonly until: string;
}

type Use = 'name' | 'password' | 'marker';

export class RoleIdentity {
  readonly #keys: Readonly<Record<Use, Uint8Array>>;

  constructor(signingKey: string) {
    const key = (use: Use) =>
      new Uint8Array(hkdfSync('sha256', signingKey, '', `postern role ${use} v1`, 32));
    this.#keys = { name: key('name'), password: key('password'), marker: key('marker') };
  }

  /** `postern_<grant>_<tag>`: the tag keeps installations with other signing keys apart. */
  name(grant: string): string {
    return `${ROLE_PREFIX}${grant}_${this.#mac('name', grant).toString('hex').slice(0, 8)}`;
  }

  /** 256 bits, ASCII. INVARIANT: differs for two grants, also if one had the other's id; more time leaves it. */
  password({ id, database, issuedAt }: Grant): string {
    return this.#mac('password', JSON.stringify([id, database, issuedAt])).toString('base64url');
  }

  mark(marker: RoleMarker): string {
    return `${describe(marker)} [${this.#sign(marker)}]`;
  }

  /** The marker that `comment` is for this very role; null if we did not make it. */
  marker(role: string, comment: string | null): RoleMarker | null {
    const [, grant, database, until, mac] = MARKER.exec(comment ?? '') ?? [];
    if (grant === undefined || until === undefined || mac === undefined) return null;
    const marker = { role, grant, database: Number(database), until };
    const expected = Buffer.from(this.#sign(marker));
    const given = Buffer.from(mac);
    return expected.length === given.length && timingSafeEqual(expected, given) ? marker : null;
  }

  #sign(marker: RoleMarker): string {
    return this.#mac('marker', `${marker.role}\0${describe(marker)}`).toString('base64url');
  }

  #mac(use: Use, text: string): Buffer {
    return createHmac('sha256', this.#keys[use]).update(text).digest();
  }
}

const describe = ({ grant, database, until }: RoleMarker): string =>
  `Postern: grant ${grant} in database ${database} until ${until}`;

const MARKER =
  /^Postern: grant ([a-z0-9]+) in database (\d+) until (\d{4}-[0-9T:.-]+Z) \[([A-Za-z0-9_-]{43})\]$/;
