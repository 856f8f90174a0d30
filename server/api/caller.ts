import type { IncomingMessage } from 'node:http';
import { plainAddress } from '../../proxy/plain-address.ts';

/** Where a request comes from. Nothing that it says of that is believed. */
export interface Caller {
  readonly address: string;
  readonly port: number;
  /** The User-Agent, as far as it can be shown. */
  readonly application: string | null;
}

const LONGEST_APPLICATION = 200;

export function callerOf({ socket, headers }: IncomingMessage): Caller {
  const application = headers['user-agent']?.replace(/\p{Cc}/gu, '').slice(0, LONGEST_APPLICATION) ?? null;
  return { address: plainAddress(socket.remoteAddress ?? ''), port: socket.remotePort ?? 0, application };
}

/** As the trail has it. */
export const clientOf = ({ address, port }: Caller): string => `${address}:${port}`;
