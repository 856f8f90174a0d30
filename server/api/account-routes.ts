/** Local accounts, for admins; auditors see them. */
import { z } from 'zod';
import type { AccountStore } from '../../access/accounts/account-store.ts';
import { MAX_PASSWORD, MIN_PASSWORD } from '../../access/accounts/password.ts';
import { PRINCIPAL_ID, type Principal, ROLES } from '../../access/accounts/principal.ts';
import { type ApiRoute, notFound, route } from './api-route.ts';
import { asConflict } from './domain-faults.ts';
import { forbidden } from './refusal-book.ts';

const names = z.array(z.string().min(1).max(128)).max(100).default([]);
const membership = { roles: z.array(z.enum(ROLES)).max(ROLES.length), teams: names, groups: names };
const password = z.string().min(MIN_PASSWORD).max(MAX_PASSWORD);

const params = z.strictObject({ id: z.string().min(1).max(128) });
const addBody = z.strictObject({ id: z.string().regex(PRINCIPAL_ID), password, ...membership });
const assignBody = z.strictObject(membership);
const passwordBody = z.strictObject({ password });

const accountAnswer = z.object({
  id: z.string(),
  roles: z.array(z.string()),
  teams: z.array(z.string()),
  groups: z.array(z.string()),
  disabled: z.boolean(),
  createdAt: z.string().describe('ISO 8601 UTC.'),
  createdBy: z.string(),
});

export function accountRoutes(accounts: AccountStore): readonly ApiRoute[] {
  const list = route(
    ['auditor', 'admin'],
    {
      ...{ method: 'GET', url: '/v1/accounts', operationId: 'listAccounts' },
      answer: z.object({ accounts: z.array(accountAnswer), tampered: z.array(z.string()) }),
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
