/** Logins by an identity provider: the authorization code flow of OpenID Connect Core 1.0 with PKCE (RFC 7636). */
import * as client from 'openid-client';
import type { LoginFlow } from '../../access/accounts/flow-store.ts';
import type { OidcConfig } from '../config-oidc.ts';

/** s that the provider may take to answer. */
const TIMEOUT = 10;

export type Claims = Readonly<Record<string, unknown>>;

export class OidcClient {
  readonly #config: OidcConfig;
  readonly #redirectUri: string;
  #discovered: Promise<client.Configuration> | null = null;

  constructor(config: OidcConfig, redirectUri: string) {
    this.#config = config;
    this.#redirectUri = redirectUri;
  }

  /** Where to send the browser, and what it has to come back with. Rejects if the provider can't be asked. */
  async begin(): Promise<{ readonly url: string; readonly flow: LoginFlow }> {
    const found = await this.#discover();
    const flow = {
      state: client.randomState(),
      nonce: client.randomNonce(),
      codeVerifier: client.randomPKCECodeVerifier(),
    };
    const url = client.buildAuthorizationUrl(found, {
      redirect_uri: this.#redirectUri,
      scope: this.#config.scope,
      state: flow.state,
      nonce: flow.nonce,
      code_challenge: await client.calculatePKCECodeChallenge(flow.codeVerifier),
      code_challenge_method: 'S256',
    });
    return { url: url.href, flow };
  }

  /** What the provider says of whoever came back with this query string. Rejects if anything of it is not right. */
  async finish(query: string, { state, nonce, codeVerifier }: LoginFlow): Promise<Claims> {
    const found = await this.#discover();
    const tokens = await client.authorizationCodeGrant(found, new URL(`${this.#redirectUri}?${query}`), {
      pkceCodeVerifier: codeVerifier,
      expectedState: state,
      expectedNonce: nonce,
      idTokenExpected: true,
    });
    const claims = tokens.claims();
    if (claims === undefined) throw new TypeError('an answer without an ID token has passed as one with it');
    const { principal, groups } = this.#config;
    const complete = [principal, groups].every((claim) => Object.hasOwn(claims, claim));
    if (complete || found.serverMetadata().userinfo_endpoint === undefined) return claims;
    return { ...(await client.fetchUserInfo(found, tokens.access_token, claims.sub)), ...claims };
  }

  /** Once; again after it failed. */
  #discover(): Promise<client.Configuration> {
    this.#discovered ??= this.#ask().catch((fault: unknown) => {
      this.#discovered = null;
      throw fault;
    });
    return this.#discovered;
  }

  #ask(): Promise<client.Configuration> {
    const { issuer, clientId, clientSecret } = this.#config;
    const url = new URL(issuer);
    const plain = url.protocol === 'http:' ? [client.allowInsecureRequests] : []; // loopback: see config-oidc.ts
    const authentication = clientSecret === null ? client.None() : client.ClientSecretBasic(clientSecret);
    return client.discovery(url, clientId, undefined, authentication, {
      execute: [client.enableNonRepudiationChecks, ...plain],
      timeout: TIMEOUT,
    });
  }
}
