/**
 * The client's half of SCRAM-SHA-256 and SCRAM-SHA-256-PLUS (RFC 5802, RFC 7677, RFC 5929), for raw clients in tests.
 * Written apart from proxy/ on purpose: it judges that code.
 */
import { createHash, createHmac, pbkdf2Sync, randomBytes, timingSafeEqual } from 'node:crypto';

export type ScramMechanism = 'SCRAM-SHA-256' | 'SCRAM-SHA-256-PLUS';

/** What a broken or attacked client would do. */
export interface ScramFaults {
  /** `wrong`: bind the channel to another certificate. */
  readonly binding?: string;
  /** `y`: "I could bind, and believe that you cannot". */
  readonly flag?: string;
}

const hmac = (key: Buffer, data: string): Buffer => createHmac('sha256', key).update(data).digest();
const sha256 = (data: Buffer): Buffer => createHash('sha256').update(data).digest();

export class ScramClient {
  readonly mechanism: ScramMechanism;
  readonly #password: string;
  readonly #bare: string;
  readonly #gs2: string;
  readonly #binding: Buffer;
  #serverSignature: Buffer | null = null;

  /** `certificate`: the server's, as DER, for -PLUS (bound by its SHA-256: tls-server-end-point). */
  constructor(
    mechanism: ScramMechanism,
    password: string,
    certificate: Buffer | null,
    faults: ScramFaults = {},
  ) {
    const binds = mechanism === 'SCRAM-SHA-256-PLUS' && certificate !== null;
    this.mechanism = mechanism;
    this.#password = password;
    this.#bare = `n=,r=${randomBytes(18).toString('base64')}`;
    this.#gs2 = mechanism === 'SCRAM-SHA-256-PLUS' ? 'p=tls-server-end-point,,' : `${faults.flag ?? 'n'},,`;
    this.#binding = binds ? sha256(certificate) : Buffer.alloc(0);
    if (faults.binding === 'wrong') this.#binding[0]! ^= 1;
  }

  /** client-first-message */
  first(): string {
    return this.#gs2 + this.#bare;
  }

  /** server-first-message -> client-final-message. The password is used as it is: tests use ASCII only. */
  final(serverFirst: string): string {
    const [, nonce, salt, iterations] = /^r=([^,]+),s=([^,]+),i=(\d+)/.exec(serverFirst) ?? [];
    if (nonce === undefined) throw new Error(`not a server-first-message: ${serverFirst}`);
    const salted = pbkdf2Sync(this.#password, Buffer.from(salt!, 'base64'), Number(iterations), 32, 'sha256');
    const clientKey = hmac(salted, 'Client Key');
    const channel = Buffer.concat([Buffer.from(this.#gs2), this.#binding]).toString('base64');
    const withoutProof = `c=${channel},r=${nonce}`;
    const message = `${this.#bare},${serverFirst},${withoutProof}`;
    const signature = hmac(sha256(clientKey), message);
    const proof = clientKey.map((byte, index) => byte ^ signature[index]!);
    this.#serverSignature = hmac(hmac(salted, 'Server Key'), message);
    return `${withoutProof},p=${Buffer.from(proof).toString('base64')}`;
  }

  /** server-final-message; throws unless the server has proven that it knows the password. */
  verify(serverFinal: string): void {
    const given = Buffer.from(/^v=(.+)$/.exec(serverFinal)?.[1] ?? '', 'base64');
    const expected = this.#serverSignature;
    if (expected === null || given.length !== expected.length || !timingSafeEqual(given, expected)) {
      throw new Error(`the server's signature is wrong: ${serverFinal}`);
    }
  }
}
