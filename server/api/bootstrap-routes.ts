/** The first account, made by whoever has the code that was printed while there was none. */
import type { Principals } from '../../access/accounts/principals.ts';
import type { ApiConfig } from '../config-api.ts';
import { type ApiRoute, openRoute } from './api-route.ts';
import { routeOf } from './authenticator.ts';
import { bootstrapAnswer, bootstrapBody, bootstrappedAnswer } from './bootstrap-schema.ts';
import { asConflict } from './domain-faults.ts';
import type { Pace } from './pace.ts';
import { keepPace } from './pace.ts';
import { forbidden, type RefusalBook, unauthorized } from './refusal-book.ts';
import { foreignCause } from './same-origin.ts';

export interface BootstrapRouteParts {
  readonly principals: Pick<Principals, 'firstAdmin'>;
  readonly book: RefusalBook;
  readonly config: Pick<ApiConfig, 'baseUrl' | 'oidc'>;
  readonly pace: Pace;
}

/** Of one address; passwords take time to hash. */
const SHARE_OF_TRIES = 1 / 50;

export function bootstrapRoutes({
  principals,
  book,
  config: { baseUrl, oidc },
  pace,
}: BootstrapRouteParts): readonly ApiRoute[] {
  const { firstAdmin } = principals;

  const show = openRoute(
    {
      ...{ method: 'GET', url: '/v1/bootstrap', operationId: 'getBootstrap', answer: bootstrapAnswer },
      summary: 'Whether the first account is still to be made.',
    },
    async () => ({ needed: oidc === null && (await firstAdmin.isMissing()) }),
  );

  const make = openRoute(
    {
      ...{ method: 'POST', url: '/v1/bootstrap', operationId: 'bootstrap', body: bootstrapBody },
      answer: bootstrappedAnswer,
      summary: 'Make the first account, an admin, by the code that the node printed. The code is good once.',
    },
    async ({ request, caller, body: { code, account, password } }) => {
      const call = { caller, route: routeOf(request), principal: null };
      const foreign = foreignCause(request, baseUrl);
      if (foreign !== null) throw await book.refuse(call, 'foreign-origin', notFromThere(foreign));
      await keepPace(pace, `bootstrap from ${caller.address}`, SHARE_OF_TRIES);
      const made = await firstAdmin.redeem(code, account, password).catch(asConflict);
      if (!made) throw await book.refuse(call, 'bad-code', NO_CODE);
      return { account };
    },
  );

  return [show, make];
}

const NO_CODE = unauthorized(
  'the code is not good, or no longer',
  'It lives some minutes and is good once, while there is no account. The node prints another when it starts anew.',
);

const notFromThere = (why: string) =>
  forbidden(`the request may not be yours: ${why}`, "Make the account from Postern's own address.");
