/** Accounts of the demo, whose passwords it prints. */
import type { Membership } from '../access/accounts/account-store.ts';
import { ROLES } from '../access/accounts/principal.ts';
import type { Demo } from '../server/demo/demo.ts';
import { operator } from './issuer.ts';
import { generatedPassword } from './password-input.ts';
import { withPrincipals } from './principals.ts';

/** Who can log in to the console: somebody who decides, somebody who asks, and somebody who may do everything. */
const PEOPLE = {
  dba: { roles: ['reviewer', 'auditor'], teams: ['platform'], groups: ['leads'] },
  alice: { roles: ['requester'], teams: ['support'], groups: [] },
  admin: { roles: ROLES, teams: [], groups: [] },
} as const satisfies Readonly<Record<string, Membership>>;

/** Where the console and the API are, and the passwords of its people. */
export interface ConsoleDoor {
  readonly url: string;
  readonly passwords: Readonly<Record<keyof typeof PEOPLE, string>>;
}

export async function addDemoAccounts({ config, apiPort }: Demo): Promise<ConsoleDoor> {
  const [dba, alice, admin] = [generatedPassword(), generatedPassword(), generatedPassword()];
  const passwords = { dba, alice, admin };
  await withPrincipals(config, async ({ accounts }) => {
    for (const id of Object.keys(PEOPLE) as (keyof typeof PEOPLE)[])
      await accounts.add({ id, password: passwords[id], ...PEOPLE[id] }, operator());
  });
  return { url: `http://127.0.0.1:${apiPort}`, passwords };
}
