/** Where accounts, tokens and logins are in Redis; see also redis.ts. */

/** SET of the names of accounts. Not signed: each account is verified by itself. */
export const ACCOUNTS_KEY = 'postern:accounts';
/** Orders API tokens by expiry (Unix ms). Not signed either. */
export const API_TOKENS_KEY = 'postern:api-tokens';

/** HASH document, signature. */
export const accountKey = (id: string): string => `postern:account:${id}`;
/** HASH document, signature; for a day longer than the token lives. */
export const apiTokenKey = (id: string): string => `postern:api-token:${id}`;
/** HASH document, signature; `id`: SHA-256 of what the cookie has. */
export const loginKey = (id: string): string => `postern:login:${id}`;
/** STRING: a login on its way to the identity provider and back. */
export const flowKey = (id: string): string => `postern:flow:${id}`;
/** STRING: a signature; `id`: SHA-256 of the code that makes the first account. */
export const firstAdminKey = (id: string): string => `postern:first-admin:${id}`;
/** STRING: when the tries, or requests, of somebody are spread evenly again, Unix ms. */
export const paceKey = (whose: string): string => `postern:pace:${whose}`;
