import { userInfo } from 'node:os';
import { type Command, Option } from 'commander';
import type { AccessRequest, Reviewer } from '../access/requests/access-request.ts';
import { reviewDue } from '../access/requests/aftercare.ts';
import type { RequestStore } from '../access/requests/request-store.ts';
import { ReviewRefused } from '../access/requests/review-request.ts';
import type { Config } from '../server/config.ts';
import { EXIT, ExitError } from './exit.ts';
import { configOf, withIssuer } from './issuer.ts';
import { span } from './table.ts';

export interface CommonOptions {
  readonly config?: string;
  readonly json?: boolean;
}

export interface ReviewOptions extends CommonOptions {
  readonly as: string;
  readonly group: readonly string[];
}

export const collect = (text: string, before: readonly string[]): readonly string[] => [...before, text];

export function addCommonOptions(command: Command): Command {
  return command
    .option('--config <file>', 'configuration (default: $POSTERN_CONFIG or ./postern.yaml)')
    .option('--json', 'for programs');
}

/** Whoever has the configuration has its signing key, and is believed. */
export const asOption = (): Option =>
  new Option('--as <principal>', 'who does it').default(userInfo().username, 'your name on this machine');

export function addReviewOptions(command: Command): Command {
  return addCommonOptions(
    command.addOption(asOption()).option('--group <group>', 'a group of theirs (repeatable)', collect, []),
  );
}

export const reviewerOf = ({ as: id, group: groups }: ReviewOptions): Reviewer => ({ id, groups });

/** Changes one request. Throws ExitError: denied where that is not theirs to do. */
export async function changeRequest(
  options: ReviewOptions,
  id: string,
  change: (request: AccessRequest) => AccessRequest,
): Promise<AccessRequest> {
  const changed = await withRequests(configOf(options.config), async (requests) => {
    try {
      return await requests.change(id, options.as, change);
    } catch (fault) {
      throw fault instanceof ReviewRefused
        ? new ExitError(EXIT.denied, `request ${id}: ${fault.message}`)
        : fault;
    }
  });
  return changed ?? unknownRequest(id);
}

export function withRequests<T>(config: Config, work: (requests: RequestStore) => Promise<T>): Promise<T> {
  return withIssuer(config, ({ requests }) => work(requests));
}

export function unknownRequest(id: string): never {
  throw new ExitError(EXIT.failed, `there is no request ${id}`);
}

/** What became of it, in a few words. */
export function fateOf(request: AccessRequest, now: number): string {
  const { state, extension } = request;
  switch (state.kind) {
    case 'pending': {
      const { approvals, review } = state;
      const of = review.groups.length > 0 ? ` of ${review.groups.join(' or ')}` : '';
      return `pending: ${approvals.length} of ${review.approvals} approvals${of}, for ${span(Date.parse(state.expiresAt) - now)}`;
    }
    case 'approved': {
      const by = state.approvals.map((approval) => approval.by).join(', ') || 'policy';
      const what = extension === undefined ? 'grant' : 'more time for grant';
      return `approved by ${by}: ${what} ${state.grant}${reviewOf(request, now)}`;
    }
    case 'denied':
      return `denied by ${state.by ?? 'policy'}: ${state.reason}`;
    case 'withdrawn':
    case 'expired':
      return state.kind;
    default:
      return state satisfies never;
  }
}

function reviewOf(request: AccessRequest, now: number): string {
  const { finding } = request.aftercare ?? {};
  if (finding) return `; an emergency, ${finding.finding}, says ${finding.by}`;
  const due = reviewDue(request);
  if (due === null) return '';
  return due > now
    ? `; an emergency, to be reviewed in ${span(due - now)}`
    : '; an emergency, whose review is overdue';
}
