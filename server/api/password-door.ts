import type { Account } from '../../access/accounts/account-store.ts';
import { isPassword } from '../../access/accounts/password.ts';
import type { Principals } from '../../access/accounts/principals.ts';
import { type RefusalBook, type RefusedCall, slowDown, unauthorized } from './refusal-book.ts';
import { notNow } from './refusals.ts';

export interface PasswordTry {
  readonly account: string;
  readonly password: string;
  /** What the browser shows of an earlier login. */
  readonly mark: string | undefined;
}

/** Passwords that are being checked at one time: each takes 32 MiB, and a thread of the four of the pool. */
const MOST_CHECKING = 2;
const MOST_WAITING = 32;

/** Checks passwords, no faster than is good for them. */
export class PasswordDoor {
  readonly #principals: Pick<Principals, 'accounts' | 'pace'>;
  readonly #book: RefusalBook;
  #checking = 0;
  readonly #line: (() => void)[] = [];

  constructor(principals: Pick<Principals, 'accounts' | 'pace'>, book: RefusalBook) {
    this.#principals = principals;
    this.#book = book;
  }

  /**
   * The account, and a mark for its browser. Rejects with an HttpFault. INVARIANT: it is the same, and takes as long, for
   * an account that does not exist, a wrong password, and an account that is disabled.
   */
  async check(call: RefusedCall, { account: id, password, mark }: PasswordTry): Promise<Pass> {
    const { accounts, pace } = this.#principals;
    const attempt = { account: id, address: call.caller.address, mark };
    const wait = await pace.take(attempt);
    if (wait > 0) throw await this.#book.refuse(call, 'paced', slowDown('that is too many passwords', wait));
    const account = await accounts.get(id);
    const right = await this.#isRight(id, password);
    // A name that is no account's is not told to the trail: people type their password there, too.
    const known = { ...call, principal: account?.id ?? null };
    if (!right || account === null) throw await this.#book.refuse(known, 'bad-password', WRONG);
    if (account.disabled) throw await this.#book.refuse(known, 'disabled', WRONG);
    return { account, mark: await pace.forget(attempt) };
  }

  async #isRight(id: string, password: string): Promise<boolean> {
    if (this.#line.length >= MOST_WAITING) throw notNow('too many passwords are being checked');
    if (this.#checking >= MOST_CHECKING) await new Promise<void>((resolve) => this.#line.push(resolve));
    else this.#checking++;
    try {
      const hash = await this.#principals.accounts.passwordOf(id);
      return await isPassword(password, hash);
    } finally {
      const next = this.#line.shift();
      if (next === undefined) this.#checking--;
      else next(); // has its place
    }
  }
}

export interface Pass {
  readonly account: Account;
  readonly mark: string;
}

const WRONG = unauthorized(
  'there is no such account with that password',
  'After some tries each further one has to wait; an admin can set a new password.',
);
