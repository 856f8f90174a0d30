import { Command, Option } from 'commander';
import type { Finding } from '../access/requests/aftercare.ts';
import { concluded } from '../access/requests/aftercare.ts';
import { addReviewOptions, changeRequest, type ReviewOptions, reviewerOf } from './request-options.ts';

type ReviewingOptions = ReviewOptions & Pick<Finding, 'finding' | 'comment'>;

/** `postern review`: what somebody else makes of an emergency afterwards. */
export function command(): Command {
  return addReviewOptions(new Command('review'))
    .description('say of an emergency, afterwards, whether it was one')
    .argument('<request>', 'its id; "postern requests --to-review" lists them')
    .addOption(
      new Option('--finding <finding>', 'what it was')
        .choices(['justified', 'unjustified'])
        .makeOptionMandatory(),
    )
    .requiredOption('--comment <text>', 'why, for the trail')
    .action(async (id: string, options: ReviewingOptions) => {
      const now = Date.now();
      const request = await changeRequest(options, id, (found) =>
        concluded(found, reviewerOf(options), options, now),
      );
      console.log(
        options.json ? JSON.stringify(request) : `request ${id} is reviewed: it was ${options.finding}`,
      );
    });
}
