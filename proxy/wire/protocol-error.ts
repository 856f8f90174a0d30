/**
 * Bytes that break the protocol, or that ask for a part of it which is not spoken here. The only error the readers
 * of this folder throw, whatever the bytes; `message` is fit for the client and never quotes its input's secrets.
 */
export class ProtocolError extends Error {
  override readonly name = 'ProtocolError';
  /** 08P01 (protocol_violation) unless PostgreSQL has a more precise one for the same fault. */
  readonly sqlstate: string;
  readonly detail: string | undefined;

  constructor(message: string, sqlstate = '08P01', detail?: string) {
    super(message);
    this.sqlstate = sqlstate;
    this.detail = detail;
  }
}
