import { randomBytes } from 'node:crypto';
import { ProtocolError } from './protocol-error.ts';
import {
  AttributeReader,
  CHANNEL_BINDING_TYPE,
  checkNonce,
  decodeBase64,
  equalBytes,
  hmac,
  KEY_LENGTH,
  malformed,
  NONCE_BYTES,
  SCRAM_SHA_256,
  SCRAM_SHA_256_PLUS,
  type ScramVerifier,
  sha256,
  xor,
} from './scram.ts';

export interface ScramServerOptions {
  readonly verifier: ScramVerifier;
  /** tls-server-end-point data of this connection (see certificateHash); null: none, so -PLUS is not offered. */
  readonly channelBinding: Uint8Array | null;
  /** The server's part of the nonce; random unless a test vector gives it. */
  readonly nonce?: string;
}

export type ScramOutcome = { readonly ok: true; readonly serverFinal: string } | { readonly ok: false };

type State =
  | { readonly step: 'first' }
  | {
      readonly step: 'final';
      readonly gs2Header: string;
      readonly nonce: string;
      readonly authPrefix: string;
    }
  | { readonly step: 'over' };

/**
 * The server's side of one SCRAM exchange: `first`, then `final`, once each. Knows no user: the name inside the
 * messages is ignored in favour of the startup packet's, as PostgreSQL does.
 */
export class ScramServer {
  readonly #options: ScramServerOptions;
  #state: State = { step: 'first' };

  constructor(options: ScramServerOptions) {
    this.#options = options;
  }

  /** What to offer in AuthenticationSASL, the stronger first. */
  get mechanisms(): readonly string[] {
    return this.#options.channelBinding === null ? [SCRAM_SHA_256] : [SCRAM_SHA_256_PLUS, SCRAM_SHA_256];
  }

  /**
   * Takes the SASLInitialResponse, returns the server-first-message.
   * @throws ProtocolError for anything malformed, for what is not supported, and for a downgrade
   */
  first(mechanism: string, data: string): string {
    if (this.#state.step !== 'first') throw malformed('Unexpected client-first-message.');
    if (!this.mechanisms.includes(mechanism)) {
      throw new ProtocolError('client selected an invalid SASL authentication mechanism');
    }
    const { gs2Header, bare } = splitFirst(data);
    this.#checkBindingFlag(mechanism, gs2Header);
    const nonce = readFirstBare(bare) + (this.#options.nonce ?? randomBytes(NONCE_BYTES).toString('base64'));
    const { salt, iterations } = this.#options.verifier;
    const serverFirst = `r=${nonce},s=${Buffer.from(salt).toString('base64')},i=${iterations}`;
    this.#state = { step: 'final', gs2Header, nonce, authPrefix: `${bare},${serverFirst}` };
    return serverFirst;
  }

  /**
   * Takes the SASLResponse with the client's proof; `ok: false` is a wrong password, and nothing else.
   * @throws ProtocolError for anything malformed, a foreign nonce, or another TLS channel
   */
  final(data: string): ScramOutcome {
    const state = this.#state;
    if (state.step !== 'final') throw malformed('Unexpected client-final-message.');
    this.#state = { step: 'over' };

    const attributes = new AttributeReader(data);
    this.#checkBinding(attributes.value('c'), state.gs2Header);
    if (!equalBytes(Buffer.from(attributes.value('r')), Buffer.from(state.nonce))) {
      throw malformed('Nonce does not match.');
    }
    attributes.skipExtensions('p');
    const proof = decodeBase64(attributes.value('p'), 'proof in client-final-message');
    attributes.last();
    if (proof.length !== KEY_LENGTH) throw malformed('Malformed proof in client-final-message.');

    const withoutProof = data.slice(0, data.lastIndexOf(',p='));
    return this.#verify(proof, `${state.authPrefix},${withoutProof}`);
  }

  #verify(proof: Uint8Array, authMessage: string): ScramOutcome {
    const { storedKey, serverKey } = this.#options.verifier;
    const clientKey = xor(proof, hmac(storedKey, authMessage));
    if (!equalBytes(sha256(clientKey), storedKey)) return { ok: false };
    return { ok: true, serverFinal: `v=${hmac(serverKey, authMessage).toString('base64')}` };
  }

  /** RFC 5802 section 6. INVARIANT: a client that could bind is never talked out of it. */
  #checkBindingFlag(mechanism: string, gs2Header: string): void {
    const flag = gs2Header.slice(0, gs2Header.indexOf(','));
    const plus = mechanism === SCRAM_SHA_256_PLUS;
    if (plus !== flag.startsWith('p=')) {
      throw malformed('The channel binding flag does not match the selected mechanism.');
    }
    if (plus && flag !== `p=${CHANNEL_BINDING_TYPE}`) {
      throw new ProtocolError('unsupported SCRAM channel-binding type');
    }
    if (flag === 'y' && this.#options.channelBinding !== null) {
      throw new ProtocolError(
        'SCRAM channel binding negotiation error',
        '28000',
        'The client supports SCRAM channel binding but thinks the server does not. However, this server does support channel binding.',
      );
    }
  }

  #checkBinding(sent: string, gs2Header: string): void {
    const binding = gs2Header.startsWith('p=') ? (this.#options.channelBinding ?? EMPTY) : EMPTY;
    const expected = Buffer.concat([Buffer.from(gs2Header), binding]).toString('base64');
    if (!equalBytes(Buffer.from(sent), Buffer.from(expected))) {
      throw new ProtocolError('SCRAM channel binding check failed', '28000');
    }
  }
}

const EMPTY = Buffer.alloc(0);

/** client-first-message = gs2-header client-first-message-bare; gs2-header = flag "," [authzid] "," */
function splitFirst(data: string): { readonly gs2Header: string; readonly bare: string } {
  const [flag, authorizationId] = data.split(',', 2);
  if (flag === undefined || authorizationId === undefined || !/^(?:n|y|p=.*)$/s.test(flag)) {
    throw malformed('Unexpected channel-binding flag.');
  }
  if (authorizationId.startsWith('a=')) {
    throw new ProtocolError('client uses authorization identity, but it is not supported', '0A000');
  }
  const gs2Header = `${flag},,`;
  if (!data.startsWith(gs2Header)) throw malformed('Unexpected attribute in client-first-message.');
  return { gs2Header, bare: data.slice(gs2Header.length) };
}

/** Returns the client's nonce. */
function readFirstBare(bare: string): string {
  if (bare.startsWith('m='))
    throw new ProtocolError('client requires an unsupported SCRAM extension', '0A000');
  const attributes = new AttributeReader(bare);
  attributes.value('n');
  const nonce = checkNonce(attributes.value('r'));
  attributes.end();
  return nonce;
}
