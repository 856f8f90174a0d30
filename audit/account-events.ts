/** Audit events of those who use the HTTP API: accounts, tokens, logins. A part of the closed union in events.ts. */

interface Membership {
  readonly roles: readonly string[];
  readonly teams: readonly string[];
  readonly groups: readonly string[];
}

export type AccountEvent =
  | ({
      readonly type: 'account.add';
      readonly account: string;
      readonly disabled: boolean;
      readonly by: string;
    } & Membership)
  /** The membership is what it is afterwards. */
  | ({
      readonly type: 'account.change';
      readonly account: string;
      readonly what: 'password' | 'disabled' | 'enabled' | 'membership';
      readonly by: string;
    } & Membership)
  | {
      readonly type: 'token.create';
      readonly token: string;
      readonly principal: string;
      readonly kind: 'service' | 'agent';
      readonly actsFor: string | null;
      readonly roles: readonly string[];
      /** null: all. */
      readonly databases: readonly string[] | null;
      readonly expiresAt: string;
      readonly by: string;
    }
  | { readonly type: 'token.revoke'; readonly token: string; readonly principal: string; readonly by: string }
  /** Written before the browser has its cookie. `client`: `ip:port`. */
  | {
      readonly type: 'api.login';
      readonly principal: string;
      readonly via: 'password' | 'oidc';
      readonly client: string;
      readonly application: string | null;
    }
  | { readonly type: 'api.logout'; readonly principal: string; readonly client: string }
  /** Somebody takes events of the trail along. Written before the first of them. */
  | {
      readonly type: 'trail.export';
      readonly by: string;
      readonly format: 'ndjson' | 'csv';
      /** Which events: the members of a search. */
      readonly question: unknown;
      readonly client: string;
    }
  /** Somebody has had the chains of this node's spool checked. */
  | {
      readonly type: 'trail.verify';
      readonly by: string;
      readonly ok: boolean;
      readonly events: number;
      /** `file:line` of the first break of each stream that has one. */
      readonly broken: readonly string[];
    }
  /** Written before the client knows. */
  | {
      readonly type: 'api.refused';
      /** null: who it is has not been proven. */
      readonly principal: string | null;
      /** Method and pattern of the route. */
      readonly route: string;
      readonly client: string;
      readonly application: string | null;
      /** `unknown-token`, `expired-token`, `revoked-token`, `unknown-login`, `disabled`, `bad-password`, `paced`, `foreign-origin`, `role`, `database`, `own`, `oidc` ... */
      readonly cause: string;
      readonly message: string;
    };
