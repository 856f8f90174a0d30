/**
 * From a startup packet to a session: prove the token, check what the client asks for, redeem the grant, connect
 * upstream. Each step that fails is a FATAL error and an audit event `login.refused`.
 */
import { randomBytes } from 'node:crypto';
import * as errors from './errors.ts';
import { LoginRefused } from './login-refused.ts';
import type { Startup } from './opening.ts';
import type {
  Access,
  Admission,
  EndSession,
  GrantTicket,
  GuardFactory,
  Holds,
  Refusal,
  RiskWatch,
  RiskWatches,
  SessionGuard,
  SessionHolds,
  UpstreamSeat,
  Upstreams,
} from './ports.ts';
import { saslExchange } from './sasl-exchange.ts';
import { clientSettings } from './startup-settings.ts';
import { connectUpstream, type Upstream } from './upstream/connect.ts';
import { UpstreamError } from './upstream/upstream-error.ts';
import { negotiateProtocolVersion } from './wire/backend-messages.ts';
import { mockVerifier } from './wire/mock-verifier.ts';
import { NEWEST_PROTOCOL_MINOR } from './wire/startup-packet.ts';

export interface LoginParts {
  readonly access: Access;
  readonly guards: GuardFactory;
  readonly upstreams: Upstreams;
  readonly risks: RiskWatches;
  readonly holds: Holds;
  readonly channelBinding: Uint8Array | null;
  /** Makes answers about grants that don't exist look like the others; the same on all nodes. */
  readonly mockSecret: Uint8Array;
  readonly timeoutMs: number;
  /** Silence after which TCP asks whether a client is still there, ms. */
  readonly keepAliveMs: number;
}

export interface LoggedIn {
  readonly session: string;
  readonly ticket: GrantTicket;
  readonly admission: Admission;
  readonly guard: SessionGuard;
  readonly risk: RiskWatch;
  readonly holds: SessionHolds;
  readonly upstream: Upstream;
  readonly seat: UpstreamSeat;
  readonly application: string | null;
  readonly protocol: '3.0' | '3.2';
  readonly serverFinal: string;
}

/** null: the client left. @throws LoginRefused, ProtocolError */
export async function login(
  startup: Startup,
  address: { readonly ip: string; readonly port: number },
  parts: LoginParts,
  end: EndSession,
): Promise<LoggedIn | null> {
  const { message, socket, reader } = startup;
  const protocol = negotiate(startup);
  const asked = clientSettings(message.parameters);
  const found = await parts.access.find(asked.user);
  if (isRefusal(found)) throw refused(found);
  const verifier =
    found?.verifier ?? mockVerifier(parts.mockSecret, asked.user, { iterations: 4096, saltLength: 16 });
  const outcome = await saslExchange(socket, reader, verifier, startup.tls ? parts.channelBinding : null);
  if (outcome.kind === 'gone') return null;
  if (outcome.kind === 'wrong' || found === null) {
    throw new LoginRefused(found === null ? 'unknown-grant' : 'bad-token', errors.tokenRefused(asked.user));
  }
  if (asked.database !== found.database) {
    throw new LoginRefused('wrong-database', errors.wrongDatabase(asked.database, found.database));
  }
  if (!parts.upstreams.has(found.database))
    throw new LoginRefused('wrong-database', errors.unknownDatabase(found.database));
  const session = randomBytes(8).toString('hex');
  const { application } = asked;
  const facts = {
    session,
    grant: found.id,
    database: found.database,
    address: address.ip,
    port: address.port,
    application,
  };
  const admission = await parts.access.admit(found, facts, end);
  if (isRefusal(admission)) throw refused(admission);
  let seat: UpstreamSeat | null = null;
  try {
    const guard = await openGuard(parts.guards, found);
    const settings = asked.checked((name, value) => guard.checkSetting(name, value));
    seat = await openSeat(parts.upstreams, found);
    const upstream = await connectUpstream(seat.target, {
      parameters: new Map([...guard.settings, ...settings]),
      timeoutMs: parts.timeoutMs,
      keepAliveMs: parts.keepAliveMs,
    });
    checkPinned(upstream);
    await meetCatalog(guard, upstream, found);
    admission.describe({ backendPid: upstream.processId });
    const risk = await parts.risks.open(found, facts);
    return {
      session,
      ticket: found,
      admission,
      guard,
      risk,
      holds: parts.holds.open(found, facts),
      upstream,
      seat,
      application,
      protocol,
      serverFinal: outcome.serverFinal,
    };
  } catch (fault) {
    seat?.leave(true);
    await admission.release(true);
    throw asRefusal(fault, found.database);
  }
}

/** The names in a statement are looked up in the upstream's catalog: without it there is no guard. */
async function openGuard(guards: GuardFactory, ticket: GrantTicket): Promise<SessionGuard> {
  try {
    return await guards.open(ticket);
  } catch (fault) {
    throw new LoginRefused('upstream', errors.upstreamUnreachable(ticket.database), fault);
  }
}

async function meetCatalog(guard: SessionGuard, upstream: Upstream, ticket: GrantTicket): Promise<void> {
  try {
    await guard.connected(upstream.origin);
  } catch (fault) {
    upstream.socket.destroy();
    throw new LoginRefused('upstream', errors.upstreamUnreachable(ticket.database), fault);
  }
}

async function openSeat(upstreams: Upstreams, ticket: GrantTicket): Promise<UpstreamSeat> {
  const seat = await upstreams.open(ticket).catch((fault: unknown) => {
    throw new LoginRefused('upstream', errors.upstreamUnreachable(ticket.database), fault);
  });
  if (isRefusal(seat)) throw refused(seat);
  return seat;
}

/** Protocol 3.2 at most; a client that asks for more is told so and decides itself. */
function negotiate({ message, socket }: Startup): '3.0' | '3.2' {
  const { minor, unsupportedOptions } = message;
  if (minor > NEWEST_PROTOCOL_MINOR || unsupportedOptions.length > 0) {
    socket.write(negotiateProtocolVersion(Math.min(minor, NEWEST_PROTOCOL_MINOR), unsupportedOptions));
  }
  return minor >= 2 ? '3.2' : '3.0';
}

/** INVARIANT (promise 1): SQL is read here as PostgreSQL will read it. */
function checkPinned({ parameterStatus, socket }: Upstream): void {
  for (const [name, value] of [
    ['standard_conforming_strings', 'on'],
    ['client_encoding', 'UTF8'],
  ] as const) {
    if (parameterStatus.get(name) === value) continue;
    socket.destroy();
    throw new LoginRefused('setting', errors.drift(name));
  }
}

function isRefusal(value: object | null): value is Refusal {
  return value !== null && 'cause' in value;
}

function refused({ cause, error }: Refusal): LoginRefused {
  return new LoginRefused(cause, error);
}

/** SQLSTATEs of an upstream's refusal that are about the settings the client sent; 42501 is about our own role. */
const ABOUT_SETTINGS = /^(22|42(?!501))/;

function asRefusal(fault: unknown, database: string): unknown {
  if (!(fault instanceof UpstreamError)) return fault;
  if (fault.failure === 'refused' && ABOUT_SETTINGS.test(fault.sqlstate)) {
    const { message } = fault.cause instanceof Error ? fault.cause : fault; // in the server's own words
    return new LoginRefused('setting', { sqlstate: fault.sqlstate, message });
  }
  const fields = { ...errors.upstreamUnreachable(database), ...fault.clientFields };
  return new LoginRefused('upstream', fields, fault);
}
