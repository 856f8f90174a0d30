import type { ProtocolError } from './wire/protocol-error.ts';

/** Who a gate tells what becomes of the client. */
export interface GateListener {
  /** Stop, or go on, reading from the client. */
  waiting(waits: boolean): void;
  /** The client said goodbye. */
  terminated(): void;
  violated(fault: ProtocolError): void;
  failed(fault: unknown): void;
  /** Nothing is read from this buffer of the client's any more; what was forwarded of it may not have left yet. */
  spent(buffer: Buffer): void;
}
