/**
 * `unreachable`: no connection, or it was lost or took too long. `tls`: no TLS, or a certificate that does not verify.
 * `refused`: the server answered with an error. `protocol`: it answered with something that is not understood.
 */
export type UpstreamFailure = 'unreachable' | 'tls' | 'refused' | 'protocol';

/** Its message is for the operator's log: it may name hosts, roles and settings, which are none of the client's business. */
export class UpstreamError extends Error {
  override readonly name = 'UpstreamError';
  readonly failure: UpstreamFailure;
  /** The server's own if it refused, else 08001 (sqlclient_unable_to_establish_sqlconnection). */
  readonly sqlstate: string;

  constructor(
    failure: UpstreamFailure,
    message: string,
    options: { sqlstate?: string; cause?: unknown } = {},
  ) {
    super(message, options.cause === undefined ? {} : { cause: options.cause });
    this.failure = failure;
    this.sqlstate = options.sqlstate ?? '08001';
  }

  /** What the client may be told: enough to know whether to try again later, nothing about the upstream. */
  get clientFields(): { readonly sqlstate: string; readonly message: string } {
    return TELLABLE.get(this.sqlstate) ?? UNAVAILABLE;
  }
}

const UNAVAILABLE = { sqlstate: '08001', message: 'could not connect to the database' };

const TELLABLE: ReadonlyMap<string, { readonly sqlstate: string; readonly message: string }> = new Map(
  [
    { sqlstate: '53300', message: 'the database has too many connections already' },
    { sqlstate: '57P01', message: 'the database is shutting down' },
    { sqlstate: '57P03', message: 'the database is not accepting connections yet' },
    { sqlstate: '3D000', message: 'the database does not exist' },
  ].map((fields) => [fields.sqlstate, fields]),
);
