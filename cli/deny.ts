import { Command } from 'commander';
import { denied } from '../access/requests/review-request.ts';
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
    .description('deny a request')
    .argument('<request>', 'its id')
    .requiredOption('--reason <text>', 'shown to the requester')
    .action(async (id: string, options: ReviewOptions & { readonly reason: string }) => {
      const now = Date.now();
      const request = await changeRequest(options, id, (found) =>
        denied(found, reviewerOf(options), options.reason, now),
      );
      console.log(options.json ? JSON.stringify(request) : fateOf(request, now));
    });
}
