import { randomInt } from 'node:crypto';

/** What every token starts with, so that secret scanners and people recognise one. */
export const TOKEN_PREFIX = 'pst_';

const BASE62 = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const LETTERS = 'abcdefghijklmnopqrstuvwxyz';
const ALPHANUMERICS = `${LETTERS}0123456789`;

/** 62^28 is above 2^166. */
const TOKEN_LENGTH = 28;
const ID_LENGTH = 8;

/** A grant's id is also its user name: eight characters that never need quoting. */
export const GRANT_ID = /^[a-z][a-z0-9]{7}$/;

/** A fresh secret of at least 160 random bits. Shown once; only its SCRAM verifier is kept. */
export function newToken(): string {
  return TOKEN_PREFIX + randomString(BASE62, TOKEN_LENGTH);
}

/** A fresh grant id. Not a secret. */
export function newGrantId(): string {
  return randomString(LETTERS, 1) + randomString(ALPHANUMERICS, ID_LENGTH - 1);
}

/** `randomInt` draws without modulo bias from the system's CSPRNG. */
function randomString(alphabet: string, length: number): string {
  return Array.from({ length }, () => alphabet[randomInt(alphabet.length)]).join('');
}
