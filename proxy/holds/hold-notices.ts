/** What a client is told while its statement waits. */
import type { ErrorFields } from '../../guardrails/types.ts';
import type { Hold } from '../ports.ts';
import { noticeResponse } from '../wire/backend-messages.ts';
import { time } from './hold-errors.ts';

/** SQLSTATE of what is no error. */
const SUCCESS = '00000';

/** `error`: why it is held. */
export function heldNotice({ id, wait }: Hold, { detail }: ErrorFields): Buffer {
  return noticeResponse('NOTICE', {
    sqlstate: SUCCESS,
    message: `the statement waits for a reviewer, up to ${time(wait)}: hold ${id}`,
    detail,
    hint: `Reviewers decide with: postern approve ${id}, or postern deny ${id}. Cancel the statement to withdraw it.`,
  });
}

export function approvedNotice(id: string, by: string, comment: string): Buffer {
  return noticeResponse('NOTICE', {
    sqlstate: SUCCESS,
    message: `hold ${id} is approved by ${by}${comment === '' ? '' : `: ${comment}`}`,
  });
}
