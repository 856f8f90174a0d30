/** What the domain refuses, as answers. */
import { AccountRefused } from '../../access/accounts/principal.ts';
import { GrantFormError } from '../../access/grant.ts';
import { ReviewRefused } from '../../access/requests/review-request.ts';
import { ScopeWishError } from '../../access/scope-wishes.ts';
import { NothingToldError } from '../triage/request-wish.ts';
import { conflict, invalid } from './api-route.ts';

const CONFLICTS = [AccountRefused, ReviewRefused];
const INVALID = [GrantFormError, RangeError, ScopeWishError, NothingToldError];

/** For `catch`: rethrows, in the words of HTTP where the caller can do something about it. */
export function asConflict(fault: unknown): never {
  if (CONFLICTS.some((kind) => fault instanceof kind)) throw conflict((fault as Error).message);
  if (INVALID.some((kind) => fault instanceof kind)) throw invalid((fault as Error).message);
  throw fault;
}
