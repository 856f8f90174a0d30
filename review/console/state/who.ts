/** Who is logged in here. */
import { signal } from '@preact/signals';
import type { Me, Role } from '../api/answers.ts';
import { get, onExpired, post } from '../api/client.ts';
import { Problem } from '../api/problem.ts';

export type Who =
  | { readonly kind: 'unknown' }
  /** `expired`: there was a login, and it ended by itself. */
  | { readonly kind: 'nobody'; readonly expired: boolean }
  | { readonly kind: 'known'; readonly me: Me };

export const who = signal<Who>({ kind: 'unknown' });

onExpired(() => {
  const was = who.peek();
  if (was.kind === 'known') before = was.me.id;
  if (was.kind !== 'nobody') who.value = { kind: 'nobody', expired: was.kind === 'known' };
});

/** Rejects with a Problem where that can't be told. */
export async function lookWho(): Promise<void> {
  try {
    who.value = { kind: 'known', me: await get<Me>('/v1/me') };
  } catch (fault) {
    if (!(fault instanceof Problem) || fault.code !== 'unauthorized') throw fault;
  }
}

/** Who was, before a login ended: what the page knows is theirs. */
let before: string | null = null;

/** Rejects with a Problem. INVARIANT: nobody sees what this page has loaded for somebody else. */
export async function signIn(account: string, password: string): Promise<void> {
  await post('/v1/login', { account, password });
  if (before === null || before === account) await lookWho();
  else location.reload();
}

/** Rejects with a Problem. What the page has loaded goes with it. */
export async function signOut(): Promise<void> {
  await post('/v1/logout');
  location.replace('/');
}

export const hasRole = (...roles: readonly Role[]): boolean =>
  who.value.kind === 'known' && who.value.me.roles.some((role) => roles.includes(role));

/** Whoever sees what is others'. */
export const OVERSEERS: readonly Role[] = ['reviewer', 'auditor', 'admin'];
/** Whoever ends what is others'. */
export const ENDERS: readonly Role[] = ['reviewer', 'admin'];
/** Whoever sees accounts and tokens; admins change them. */
export const ACCOUNT_KEEPERS: readonly Role[] = ['auditor', 'admin'];
