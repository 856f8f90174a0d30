/** What the API answers where it does not do what is asked (RFC 9457). */
export class Problem extends Error {
  /** HTTP status; 0: there was no answer. */
  readonly status: number;
  readonly code: string;
  readonly hint: string;

  constructor(status: number, { code, detail, hint }: { code: string; detail: string; hint: string }) {
    super(detail);
    this.name = 'Problem';
    this.status = status;
    this.code = code;
    this.hint = hint;
  }
}

export const unreachable = (): Problem =>
  new Problem(0, {
    code: 'unreachable',
    detail: 'Postern does not answer',
    hint: 'It may be restarting, or the network is down. This page tries again.',
  });

/** Rejections of others are faults of the console itself. */
export const problemOf = (fault: unknown): Problem =>
  fault instanceof Problem
    ? fault
    : new Problem(0, {
        code: 'console',
        detail: `the console failed: ${fault instanceof Error ? fault.message : String(fault)}`,
        hint: 'Load the page again; if that does not help, tell whoever runs Postern.',
      });
