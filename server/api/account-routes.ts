/** Local accounts, for admins; auditors see them. */
import type { AccountStore } from '../../access/accounts/account-store.ts';
import type { Principal } from '../../access/accounts/principal.ts';
import {
  accountAnswer,
  accountsAnswer,
  addBody,
  assignBody,
  params,
  passwordBody,
} from './account-schema.ts';
import { type ApiRoute, notFound, route } from './api-route.ts';
import { asConflict } from './domain-faults.ts';
import { forbidden } from './refusal-book.ts';

export function accountRoutes(accounts: AccountStore): readonly ApiRoute[] {
  const list = route(
    ['auditor', 'admin'],
    {
      ...{ method: 'GET', url: '/v1/accounts', operationId: 'listAccounts' },
      answer: accountsAnswer,
      summary: 'Local accounts, by name.',
    },
    () => accounts.list(),
  );

  const add = route(
    ['admin'],
    {
      ...{ method: 'POST', url: '/v1/accounts', operationId: 'addAccount', body: addBody },
      ...{
        answer: accountAnswer,
        summary: 'Make an account. Whoever has it should set a password of their own.',
      },
    },
    async ({ principal, body }) => {
      refuseBound(principal);
      return await accounts.add(body, principal.id).catch(asConflict);
    },
  );

  const assign = route(
    ['admin'],
    {
      ...{ method: 'PUT', url: '/v1/accounts/:id/membership', operationId: 'assignAccount', params },
      ...{ body: assignBody, answer: accountAnswer },
      summary: 'Roles, teams and groups of an account, from now on. Never of your own.',
    },
    async ({ principal, params: { id }, body }) => {
      refuseBound(principal);
      if (isOwn(principal, id))
        throw forbidden('nobody gives rights to themselves', 'Another admin can do that.');
      await existing(id);
      return await accounts.assign(id, body, principal.id).catch(asConflict);
    },
  );

  const setPassword = route(
    ['admin'],
    {
      ...{ method: 'POST', url: '/v1/accounts/:id/password', operationId: 'setAccountPassword', params },
      ...{ body: passwordBody, answer: accountAnswer },
      summary: 'Set the password of an account; ends its logins.',
    },
    async ({ principal, params: { id }, body }) => {
      refuseBound(principal);
      await existing(id);
      return await accounts.setPassword(id, body.password, principal.id).catch(asConflict);
    },
  );

  const disable = route(
    ['admin'],
    {
      ...{ method: 'POST', url: '/v1/accounts/:id/disable', operationId: 'disableAccount', params },
      answer: accountAnswer,
      summary: 'Shut somebody out at once, also if they log in by the identity provider. Ends no grants.',
    },
    async ({ principal, params: { id } }) => {
      refuseBound(principal);
      return await accounts.disable(id, principal.id).catch(asConflict);
    },
  );

  const enable = route(
    ['admin'],
    {
      ...{ method: 'POST', url: '/v1/accounts/:id/enable', operationId: 'enableAccount', params },
      ...{ answer: accountAnswer, summary: 'Let somebody in again.' },
    },
    async ({ principal, params: { id } }) => {
      refuseBound(principal);
      await existing(id);
      return await accounts.enable(id, principal.id).catch(asConflict);
    },
  );

  async function existing(id: string): Promise<void> {
    if ((await accounts.get(id)) === null) throw notFound('account', id);
  }

  return [list, add, assign, setPassword, disable, enable];
}

const isOwn = ({ id, madeBy }: Principal, other: string): boolean => other === id || other === madeBy;

/** What is bound to some databases makes nothing that is not. */
export function refuseBound({ databases }: Principal): void {
  if (databases !== null)
    throw forbidden('your token is for some databases only', 'Use one that is not bound to databases.');
}
