import type { Problem } from '../api/problem.ts';
import { visible } from '../text/visible.ts';
import { Icon } from './icon.tsx';

interface ProblemNoticeProps {
  readonly problem: Problem;
  /** Absent: trying again makes no sense. */
  readonly retry?: () => void;
}

/** What did not work, and what to do about it. */
export function ProblemNotice({ problem, retry }: ProblemNoticeProps) {
  return (
    <div class="notice" data-tone="bad" role="alert">
      <Icon name="warning" />
      <div>
        <strong>{capitalized(visible(problem.message))}.</strong> {visible(problem.hint)}
      </div>
      {retry && (
        <button type="button" class="button" onClick={retry}>
          Try again
        </button>
      )}
    </div>
  );
}

const capitalized = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
