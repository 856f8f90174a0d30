import { Command } from 'commander';
import { holdDenied } from '../access/holds/review-hold.ts';
import { denied } from '../access/requests/review-request.ts';
import { decideHold } from './holds.ts';
import {
  addReviewOptions,
  changeRequest,
  fateOf,
  type ReviewOptions,
  reviewerOf,
} from './request-options.ts';

/** `postern deny` */
export function command(): Command {
  return addReviewOptions(new Command('deny'))
    .description('deny a request, or a statement that is held')
    .argument('<request>', 'its id, or that of the held statement')
    .requiredOption('--reason <text>', 'shown to the requester')
    .action(async (id: string, options: ReviewOptions & { readonly reason: string }) => {
      const now = Date.now();
      const { reason } = options;
      if (await decideHold(options, id, (held) => holdDenied(held, reviewerOf(options), reason, now))) return;
      const request = await changeRequest(options, id, (found) =>
        denied(found, reviewerOf(options), reason, now),
      );
      console.log(options.json ? JSON.stringify(request) : fateOf(request, now));
    });
}
