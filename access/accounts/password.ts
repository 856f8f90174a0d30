/** Passwords of local accounts: scrypt (RFC 7914), with its parameters beside the hash. */
import { randomBytes, type ScryptOptions, scrypt, timingSafeEqual } from 'node:crypto';
import { AccountRefused } from './principal.ts';

/** Of the equivalent choices of OWASP's Password Storage Cheat Sheet the one that takes 32 MiB. */
const COST = { N: 2 ** 15, r: 8, p: 3, maxmem: 64 * 1024 * 1024 } as const;
const KEY_LENGTH = 32;
const SALT_LENGTH = 16;

/** NIST SP 800-63B section 3.1.1.2: at least 8, better 15; no rules on what is in it. */
export const MIN_PASSWORD = 12;
export const MAX_PASSWORD = 256;

const FORM = /^\$scrypt\$ln=(\d{1,2}),r=(\d{1,2}),p=(\d{1,2})\$([\w+/]{22})\$([\w+/]{43})$/;

/** In PHC form, `$scrypt$ln=15,r=8,p=3$SALT$KEY`. Throws AccountRefused where it is too short or too long. */
export async function hashPassword(password: string): Promise<string> {
  if (password.length < MIN_PASSWORD || password.length > MAX_PASSWORD)
    throw new AccountRefused(`a password has ${MIN_PASSWORD} to ${MAX_PASSWORD} characters`);
  const salt = randomBytes(SALT_LENGTH);
  const key = await derive(password, salt, COST);
  return `$scrypt$ln=${Math.log2(COST.N)},r=${COST.r},p=${COST.p}$${base64(salt)}$${base64(key)}`;
}

/** `hash` null: there is none, and it takes as long to find that out. */
export async function isPassword(password: string, hash: string | null): Promise<boolean> {
  const [, ln, r, p, salt = NO_SALT, key = ''] = FORM.exec(hash ?? '') ?? [];
  const cost = ln === undefined ? COST : { ...COST, N: 2 ** Number(ln), r: Number(r), p: Number(p) };
  const derived = await derive(password.slice(0, MAX_PASSWORD), Buffer.from(salt, 'base64'), cost);
  const expected = Buffer.from(key, 'base64');
  return expected.length === derived.length && timingSafeEqual(expected, derived);
}

const NO_SALT = base64(Buffer.alloc(SALT_LENGTH));

/** NFKC (NIST SP 800-63B): the same password on all keyboards. */
function derive(password: string, salt: Buffer, cost: ScryptOptions): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    scrypt(password.normalize('NFKC'), salt, KEY_LENGTH, cost, (fault, key) =>
      fault === null ? resolve(key) : reject(fault),
    );
  });
}

function base64(bytes: Buffer): string {
  return bytes.toString('base64').replace(/=+$/, '');
}
