/**
 * The error catalogue: every error the proxy itself tells a client. docs/errors.md lists the same, a test compares.
 * Errors about scope come from the guardrails with their own texts (42501).
 */
import type { ErrorFields } from '../guardrails/types.ts';
import type { CutBy } from './run.ts';

export const ERRORS = {
  protocolViolation: '08P01',
  functionCall: '0A000',
  replication: '0A000',
  noStatement: '26000',
  noPortal: '34000',
  fetchFromPortal: '0A000',
  tooManyNames: '53000',
  statementTooLong: '54000',
  budget: '42501',
  statementLimit: '42501',
  holdDenied: '42501',
  holdExpired: '42501',
  holdInTransaction: '42501',
  holdTooLong: '42501',
  holdCrowded: '42501',
  holdUnreachable: '42501',
  holdCancelled: '57014',
  approvalOutdated: '42501',
  grantOver: '57P01',
  trail: '58030',
  tokenRefused: '28P01',
  wrongDatabase: '28000',
  unknownDatabase: '3D000',
  tlsRequired: '28000',
  encoding: '0A000',
  drift: '57P01',
  shutdown: '57P01',
  upstreamLost: '08006',
  upstreamUnreachable: '08001',
  startupTimeout: '08006',
  internal: 'XX000',
} as const;

function error(code: keyof typeof ERRORS, message: string, detail?: string, hint?: string): ErrorFields {
  return { sqlstate: ERRORS[code], message, ...(detail && { detail }), ...(hint && { hint }) };
}

const BUDGET_WORDS: Record<CutBy, string> = {
  rowsPerStatement: 'rows per statement',
  rows: 'rows in total',
  bytes: 'bytes in total',
};

export const functionCall = error(
  'functionCall',
  'function call messages are not supported by postern',
  'The FunctionCall message runs a function without SQL text, so it cannot be decided.',
  'Call the function with SELECT.',
);

export const replication = error(
  'replication',
  'replication connections are not supported by postern',
  'A replication connection takes data out of the database without SQL statements.',
);

export const noStatement = (name: string): ErrorFields =>
  error(
    'noStatement',
    name === '' ? 'unnamed prepared statement does not exist' : `prepared statement "${name}" does not exist`,
  );

export const noPortal = (name: string): ErrorFields => error('noPortal', `portal "${name}" does not exist`);

export const fetchFromPortal = (name: string): ErrorFields =>
  error(
    'fetchFromPortal',
    `FETCH or MOVE from portal "${name}" is not supported by postern`,
    'FETCH and MOVE run a portal that Bind has made only if it does no more than read, and as the only statement of their text.',
    'Use an Execute message, or a cursor made by DECLARE.',
  );

export const tooManyNames = error(
  'tooManyNames',
  'too many prepared statements and portals, or too long ones, in one session',
  undefined,
  'Close or deallocate those that are no longer needed.',
);

export const statementTooLong = (bytes: number, limit: number): ErrorFields =>
  error('statementTooLong', `statement of ${bytes} bytes is over the limit of ${limit} bytes`);

export const budgetSpent = (by: CutBy, limit: number | null, grant: string): ErrorFields =>
  error(
    'budget',
    `permission denied by grant: export past the budget of ${limit === null ? '' : `${limit} `}${BUDGET_WORDS[by]}`,
    `Grant ${grant} has no more ${BUDGET_WORDS[by]}; the result was cut and the statement cancelled.`,
    'Narrow the statement (WHERE, LIMIT), or ask for a grant with a larger budget.',
  );

/** With the server's own SQLSTATE: programs decide by it what to do next. */
export const errorWithheld = (sqlstate: string): ErrorFields => ({
  sqlstate,
  message: 'the statement failed; what the server says of it is past the budget of bytes in total',
  hint: 'Ask for a grant with a larger budget.',
});

/** With the server's own SQLSTATE, again. */
export const valueWithheld = (sqlstate: string): ErrorFields => ({
  sqlstate,
  message: 'the statement failed over a value of the table; what the server says of it would show that',
  hint: 'The grant allows to alter the table, and not to select from it.',
});

export const statementLimit = (grant: string): ErrorFields =>
  error(
    'statementLimit',
    'permission denied by grant: its number of statements is used up',
    `Grant ${grant} allows a limited number of statements.`,
    'Ask for a new grant.',
  );

export const grantOver = (grant: string): ErrorFields =>
  error('grantOver', `grant ${grant} is no longer valid`, undefined, 'Ask for a new grant.');

export const trailUnavailable = error(
  'trail',
  'the audit trail cannot be written, so no statement is forwarded',
  undefined,
  'Try again; an operator has to look at the audit spool.',
);

export const tokenRefused = (user: string): ErrorFields =>
  error(
    'tokenRefused',
    `password authentication failed for user "${user}"`,
    undefined,
    'The user is the grant id and the password its token. Grants are short-lived: yours may have expired.',
  );

export const wrongDatabase = (asked: string, granted: string): ErrorFields =>
  error('wrongDatabase', `this grant is for database "${granted}", not "${asked}"`);

export const unknownDatabase = (database: string): ErrorFields =>
  error('unknownDatabase', `database "${database}" is not configured here`);

export const tlsRequired = error(
  'tlsRequired',
  'TLS is required',
  undefined,
  'Connect with sslmode=require or stricter.',
);

export const unsafeEncoding = (encoding: string): ErrorFields =>
  error('encoding', `client_encoding "${encoding}" is not supported by postern`, undefined, 'Use UTF8.');

export const drift = (name: string): ErrorFields =>
  error('drift', `terminating connection: setting ${name} changed behind the guardrails`);

export const shutdown = error('shutdown', 'terminating connection due to administrator command');

export const upstreamLost = error('upstreamLost', 'the connection to the database was lost');

export const upstreamUnreachable = (database: string): ErrorFields =>
  error(
    'upstreamUnreachable',
    `could not connect to database "${database}" upstream`,
    undefined,
    'The log of postern tells the operator why.',
  );

export const startupTimeout = error('startupTimeout', 'canceling authentication due to timeout');

export const internal = error('internal', 'internal error', undefined, 'The log of postern has the details.');

export const protocolViolation = (
  message: string,
  sqlstate: string = ERRORS.protocolViolation,
): ErrorFields => ({
  sqlstate,
  message,
});
