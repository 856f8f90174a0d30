import { randomBytes } from 'node:crypto';
import { knownKeys } from './known-keys.ts';
import { ProtocolError } from './protocol-error.ts';
import {
  AttributeReader,
  CHANNEL_BINDING_TYPE,
  checkNonce,
  decodeBase64,
  equalBytes,
  hmac,
  malformed,
  NONCE_BYTES,
  SCRAM_SHA_256,
  SCRAM_SHA_256_PLUS,
  xor,
} from './scram.ts';

export interface ScramClientOptions {
  readonly password: string;
  /** What the server offers. */
  readonly mechanisms: readonly string[];
  /** tls-server-end-point data of this connection (see certificateHash); null where there is none. */
  readonly channelBinding: Uint8Array | null;
  /** The client's nonce; random unless a test vector gives it. */
  readonly nonce?: string;
  /** User name inside the messages; PostgreSQL wants none, test vectors have one. */
  readonly user?: string;
}

/** More than any sane server asks for: 4096 is PostgreSQL's default. Bounds the time a hostile one can cost. */
export const MAX_ITERATIONS = 2_000_000;

type State =
  | { readonly step: 'first' }
  | { readonly step: 'final' }
  | { readonly step: 'verify'; readonly serverSignature: Buffer }
  | { readonly step: 'verified' }
  | { readonly step: 'failed' };

/** The client's side of one SCRAM exchange: `first`, `final`, `verify`, once each. */
export class ScramClient {
  readonly mechanism: string;
  readonly #password: string;
  readonly #gs2Header: string;
  readonly #binding: Uint8Array;
  readonly #nonce: string;
  readonly #firstBare: string;
  #state: State = { step: 'first' };

  /** @throws ProtocolError if the server offers no mechanism that is spoken here */
  constructor(options: ScramClientOptions) {
    const plus = options.channelBinding !== null && options.mechanisms.includes(SCRAM_SHA_256_PLUS);
    if (!plus && !options.mechanisms.includes(SCRAM_SHA_256)) {
      throw new ProtocolError(
        `none of the offered SASL mechanisms is supported: ${options.mechanisms.join(', ')}`,
      );
    }
    this.mechanism = plus ? SCRAM_SHA_256_PLUS : SCRAM_SHA_256;
    this.#password = options.password;
    // `y`: could bind, was not offered it. A server that did offer it then knows of a man in the middle.
    const unbound = options.channelBinding === null ? 'n' : 'y';
    this.#gs2Header = plus ? `p=${CHANNEL_BINDING_TYPE},,` : `${unbound},,`;
    this.#binding = (plus && options.channelBinding) || new Uint8Array();
    this.#nonce = options.nonce ?? randomBytes(NONCE_BYTES).toString('base64');
    this.#firstBare = `n=${options.user ?? ''},r=${this.#nonce}`;
  }

  /** The client-first-message, for SASLInitialResponse. */
  first(): string {
    if (this.#state.step !== 'first') throw malformed('The exchange has already begun.');
    this.#state = { step: 'final' };
    return this.#gs2Header + this.#firstBare;
  }

  /**
   * Takes the server-first-message, resolves to the client-final-message.
   * @throws ProtocolError for anything malformed, a foreign nonce, or an excessive iteration count
   */
  async final(serverFirst: string): Promise<string> {
    if (this.#state.step !== 'final') throw malformed('Unexpected server-first-message.');
    this.#state = { step: 'failed' };
    const { nonce, salt, iterations } = readServerFirst(serverFirst);
    if (!nonce.startsWith(this.#nonce) || nonce.length === this.#nonce.length)
      throw malformed('Nonce does not match.');

    const { clientKey, storedKey, serverKey } = await knownKeys(this.#password, salt, iterations);
    const binding = Buffer.concat([Buffer.from(this.#gs2Header), this.#binding]).toString('base64');
    const withoutProof = `c=${binding},r=${nonce}`;
    const authMessage = `${this.#firstBare},${serverFirst},${withoutProof}`;
    const proof = xor(clientKey, hmac(storedKey, authMessage));
    this.#state = { step: 'verify', serverSignature: hmac(serverKey, authMessage) };
    return `${withoutProof},p=${proof.toString('base64')}`;
  }

  /**
   * Takes the server-final-message: only who holds the verifier can sign it.
   * @throws ProtocolError if the server refuses, or proves nothing
   */
  verify(serverFinal: string): void {
    const state = this.#state;
    if (state.step !== 'verify') throw malformed('Unexpected server-final-message.');
    this.#state = { step: 'failed' };
    if (serverFinal.startsWith('e='))
      throw new ProtocolError(`SCRAM exchange refused: ${serverFinal.slice(2)}`, '28000');
    const attributes = new AttributeReader(serverFinal);
    const signature = decodeBase64(attributes.value('v'), 'signature in server-final-message');
    attributes.end();
    if (!equalBytes(signature, state.serverSignature)) {
      throw new ProtocolError('incorrect server signature: the server does not know the password', '28000');
    }
    this.#state = { step: 'verified' };
  }

  /** True once the server has proven itself: its AuthenticationOk must not be believed before. */
  get verified(): boolean {
    return this.#state.step === 'verified';
  }
}

function readServerFirst(message: string): {
  readonly nonce: string;
  readonly salt: Buffer;
  readonly iterations: number;
} {
  if (message.startsWith('m='))
    throw new ProtocolError('server requires an unsupported SCRAM extension', '0A000');
  const attributes = new AttributeReader(message);
  const nonce = checkNonce(attributes.value('r'));
  const salt = decodeBase64(attributes.value('s'), 'salt in server-first-message');
  const count = attributes.value('i');
  attributes.end();
  const iterations = /^[1-9][0-9]{0,9}$/.test(count) ? Number(count) : 0;
  if (iterations < 1 || iterations > MAX_ITERATIONS) throw malformed('Iteration count out of bounds.');
  if (salt.length === 0) throw malformed('Malformed salt in server-first-message.');
  return { nonce, salt, iterations };
}
