/**
 * Signed statements about a stream. A chain by itself has no secret: whoever can write its files can cut its end off, or
 * write another. Not without the key, though, past what has been signed.
 *
 *   {"kind":"head","stream":"n1/w1","seq":7,"hash":"...","at":"...","key":"...","signature":"<base64>"}
 *
 * The signature is Ed25519 (RFC 8032) over the line's bytes before `,"signature":`.
 */
import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  sign,
  verify,
} from 'node:crypto';
import { z } from 'zod';

const common = {
  /** `node/stream` */
  stream: z.string(),
  seq: z.int().nonnegative(),
  /** Of the event with that number. */
  hash: z.string().regex(/^[0-9a-f]{64}$/),
  /** ISO 8601 UTC, when it was signed. */
  at: z.string(),
  /** Names the key: the beginning of SHA-256, in hex, of its SubjectPublicKeyInfo. */
  key: z.string(),
};

const CHECKPOINT = z.discriminatedUnion('kind', [
  /** The stream had got to this event. */
  z.strictObject({ kind: z.literal('head'), ...common, signature: z.string() }),
  /** What was up to this event has been removed from the spool, after the store had it. */
  z.strictObject({ kind: z.literal('pruned'), ...common, signature: z.string() }),
  /** What was after event `after` up to this one has been removed from the store: its time was over. */
  z.strictObject({
    kind: z.literal('retired'),
    ...common,
    after: z.int().nonnegative(),
    afterHash: common.hash,
    signature: z.string(),
  }),
]);

export type Checkpoint = z.output<typeof CHECKPOINT>;
type Unsigned<T> = T extends unknown ? Omit<T, 'at' | 'key' | 'signature'> : never;
/** What a checkpoint says. */
export type Claim = Unsigned<Checkpoint>;

const SIGNATURE = ',"signature":"';

/** What checkpoints are signed by. */
export class CheckpointKey {
  readonly #key: KeyObject;
  /** PEM, to be kept where the trail's writers can't reach. */
  readonly publicKey: string;

  /** @throws Error when the PEM is no Ed25519 private key */
  constructor(pem: string) {
    this.#key = createPrivateKey(pem);
    if (this.#key.asymmetricKeyType !== 'ed25519')
      throw new Error('the checkpoint key is not an Ed25519 key');
    this.publicKey = createPublicKey(this.#key).export({ type: 'spki', format: 'pem' }).toString();
  }

  /** PEM of a new private key. */
  static generate(): string {
    const { privateKey } = generateKeyPairSync('ed25519');
    return privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  }

  /** The line, without its newline. */
  sign(claim: Claim, at: Date): string {
    const { kind, stream, seq, hash, ...more } = claim;
    const key = keyName(createPublicKey(this.#key));
    const members = { kind, stream, seq, hash, ...more, at: at.toISOString(), key };
    const body = JSON.stringify(members).slice(0, -1);
    return `${body}${SIGNATURE}${sign(null, Buffer.from(body), this.#key).toString('base64')}"}`;
  }
}

/** Checks lines against public keys. */
export class CheckpointReader {
  readonly #keys: ReadonlyMap<string, KeyObject>;

  /** PEM. @throws Error when one is no public key */
  constructor(publicKeys: readonly string[]) {
    const keys = publicKeys.map((pem) => createPublicKey(pem));
    this.#keys = new Map(keys.map((key) => [keyName(key), key]));
  }

  /** Whether there is any key to check by. */
  get armed(): boolean {
    return this.#keys.size > 0;
  }

  /** Name of the key that a line says it is signed by, if that is none of the known; else null. */
  unknownKey(line: string): string | null {
    const key = parsed(line)?.key;
    return key === undefined || this.#keys.has(key) ? null : key;
  }

  /** null: it is none, or nobody with one of the keys has signed it. */
  read(line: string): Checkpoint | null {
    const end = line.lastIndexOf(SIGNATURE);
    const checkpoint = end < 0 ? null : parsed(line);
    const key = checkpoint === null ? undefined : this.#keys.get(checkpoint.key);
    if (checkpoint === null || key === undefined) return null;
    const signature = Buffer.from(checkpoint.signature, 'base64');
    return verify(null, Buffer.from(line.slice(0, end)), key, signature) ? checkpoint : null;
  }
}

function parsed(line: string): Checkpoint | null {
  try {
    return CHECKPOINT.parse(JSON.parse(line));
  } catch {
    return null;
  }
}

const keyName = (key: KeyObject): string =>
  createHash('sha256')
    .update(key.export({ type: 'spki', format: 'der' }))
    .digest('hex')
    .slice(0, 16);
