/**
 * proxy/wire: bytes only. Framing, readers, writers, startup packets, SCRAM and trace text as pure functions and state
 * machines over buffers; no sockets, no SQL, no logging. Everything a client sends is hostile until a reader here has
 * accounted for each of its bytes.
 *
 * This file: the type bytes of the protocol, named as in the PostgreSQL manual ("Message Formats"), without "Response"
 * where it adds nothing.
 */
export const FRONTEND = {
  bind: 0x42, // B
  close: 0x43, // C
  copyData: 0x64, // d
  copyDone: 0x63, // c
  copyFail: 0x66, // f
  describe: 0x44, // D
  execute: 0x45, // E
  flush: 0x48, // H
  functionCall: 0x46, // F
  parse: 0x50, // P
  /** PasswordMessage, SASLInitialResponse, SASLResponse and GSSResponse share it. */
  password: 0x70, // p
  query: 0x51, // Q
  sync: 0x53, // S
  terminate: 0x58, // X
} as const;

export const BACKEND = {
  authentication: 0x52, // R
  backendKeyData: 0x4b, // K
  bindComplete: 0x32, // 2
  closeComplete: 0x33, // 3
  commandComplete: 0x43, // C
  copyBoth: 0x57, // W
  copyData: 0x64, // d
  copyDone: 0x63, // c
  copyIn: 0x47, // G
  copyOut: 0x48, // H
  dataRow: 0x44, // D
  emptyQuery: 0x49, // I
  error: 0x45, // E
  functionCallResponse: 0x56, // V
  negotiateProtocolVersion: 0x76, // v
  noData: 0x6e, // n
  notice: 0x4e, // N
  notification: 0x41, // A
  parameterDescription: 0x74, // t
  parameterStatus: 0x53, // S
  parseComplete: 0x31, // 1
  portalSuspended: 0x73, // s
  readyForQuery: 0x5a, // Z
  rowDescription: 0x54, // T
} as const;

/** A message is its type byte, then an int32 length that counts itself but not the type byte. */
export const TYPE_LENGTH = 1;
export const LENGTH_LENGTH = 4;
export const HEADER_LENGTH = TYPE_LENGTH + LENGTH_LENGTH;
