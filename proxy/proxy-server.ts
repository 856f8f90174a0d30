/** Accepts connections and keeps the sessions of this process. */
import { createServer, type Server, type Socket } from 'node:net';
import { CancelKeys } from './cancel-keys.ts';
import type { ServerTls } from './client-tls.ts';
import { type Committed, Committer } from './committer.ts';
import * as errors from './errors.ts';
import { type LoggedIn, type LoginParts, login } from './login.ts';
import { LoginRefused } from './login-refused.ts';
import { open, type Startup } from './opening.ts';
import { Outbox } from './outbox.ts';
import { plainAddress } from './plain-address.ts';
import type { AuditTrail, EndSession, Logger, Metrics } from './ports.ts';
import { Recorder } from './recorder.ts';
import { Session } from './session.ts';
import type { SessionLimits } from './session-state.ts';
import { cancelUpstream } from './upstream/cancel.ts';
import { welcome } from './welcome.ts';
import { errorResponse } from './wire/backend-messages.ts';
import { ProtocolError } from './wire/protocol-error.ts';

export interface ProxyParts extends Omit<LoginParts, 'channelBinding'> {
  readonly tls: ServerTls | null;
  readonly trail: AuditTrail;
  readonly metrics: Metrics;
  readonly logger: Logger;
  readonly limits: SessionLimits;
  /** Connections that have not logged in yet, at most; for one more the oldest of them is closed. */
  readonly maxPending: number;
}

const LOOPBACK = /^(127\.|::1$)/;

export class ProxyServer {
  readonly #parts: ProxyParts;
  readonly #server: Server;
  readonly #committer: Committer;
  readonly #keys = new CancelKeys();
  readonly #sessions = new Set<Session>();
  /** Connections that have not logged in yet, oldest first. */
  readonly #pending = new Set<Socket>();
  #draining = false;

  constructor(parts: ProxyParts) {
    this.#parts = parts;
    this.#committer = new Committer(parts.trail);
    this.#server = createServer(
      { noDelay: true, keepAlive: true, keepAliveInitialDelay: parts.keepAliveMs },
      (socket) => this.#accept(socket),
    );
    parts.access.onCancel((processId, hash) => this.#keys.cancelByHash(processId, hash));
  }

  get sessions(): number {
    return this.#sessions.size;
  }

  /** Resolves with the port once listening. */
  listen(host: string, port: number): Promise<number> {
    return new Promise((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen({ host, port, backlog: 1024 }, () => {
        this.#server.off('error', reject);
        const address = this.#server.address();
        resolve(typeof address === 'object' && address !== null ? address.port : port);
      });
    });
  }

  /** Stop accepting, let transactions finish for at most `timeoutMs`, end the rest. */
  async close(timeoutMs: number): Promise<void> {
    this.#draining = true;
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    for (const session of [...this.#sessions]) session.drain();
    const deadline = setTimeout(() => {
      for (const session of [...this.#sessions]) session.end('drain', errors.shutdown);
    }, timeoutMs);
    await closed;
    clearTimeout(deadline);
    await this.#parts.trail.commit();
  }

  #accept(accepted: Socket): void {
    if (this.#draining) {
      accepted.destroy();
      return;
    }
    if (this.#pending.size >= this.#parts.maxPending) this.#closeOldestPending();
    this.#pending.add(accepted);
    accepted.on('error', () => {});
    this.#serve(accepted).finally(() => this.#pending.delete(accepted));
  }

  /** Connections that are held open without logging in must not keep others out; who can log in does so in no time. */
  #closeOldestPending(): void {
    const [oldest] = this.#pending;
    if (oldest === undefined) return;
    this.#pending.delete(oldest);
    oldest.destroy();
  }

  async #serve(accepted: Socket): Promise<void> {
    let socket = accepted;
    const client = { ip: plainAddress(accepted.remoteAddress ?? ''), port: accepted.remotePort ?? 0 };
    const timer = setTimeout(() => {
      refuse(socket, errors.startupTimeout);
    }, this.#parts.timeoutMs);
    let startup: Startup | null = null;
    try {
      const opening = await open(accepted, this.#parts.tls, (secured) => {
        socket = secured;
      });
      if (opening.kind === 'cancel') await this.#cancel(opening.processId, opening.secretKey);
      if (opening.kind !== 'startup') {
        socket.destroy();
        return;
      }
      startup = opening;
      if (!startup.tls && !LOOPBACK.test(client.ip))
        throw new LoginRefused('tls-required', errors.tlsRequired);
      await this.#startSession(startup, client);
    } catch (fault) {
      this.#refused(socket, fault, startup, client);
    } finally {
      clearTimeout(timer);
    }
  }

  async #startSession(startup: Startup, client: { ip: string; port: number }): Promise<void> {
    let session: Session | null = null;
    let ended: Parameters<EndSession> | null = null;
    const end: EndSession = (reason, error) => {
      ended = [reason, error];
      session?.end(reason, error);
    };
    const channelBinding = this.#parts.tls?.channelBinding ?? null;
    const loggedIn = await login(startup, client, { ...this.#parts, channelBinding }, end);
    if (loggedIn === null) {
      startup.socket.destroy();
      return;
    }
    session = this.#session(startup, loggedIn, `${client.ip}:${client.port}`);
    if (ended !== null) session.end(...(ended as Parameters<EndSession>));
    else if (this.#draining) session.drain();
  }

  #session(startup: Startup, loggedIn: LoggedIn, client: string): Session {
    const { upstream, seat, ticket, admission, guard, risk, holds, protocol, application } = loggedIn;
    const recorder = new Recorder(
      {
        session: loggedIn.session,
        grant: ticket.id,
        principal: ticket.principal,
        database: ticket.database,
        client,
      },
      this.#parts.trail,
      this.#parts.metrics,
    );
    const key = this.#keys.issue({ cancel: () => session.cancel() }, protocol);
    const session: Session = new Session({
      client: startup.socket,
      upstream: upstream.socket,
      cancelUpstream: () => cancelUpstream(seat.target, upstream.processId, upstream.secretKey),
      guard,
      risk,
      holds,
      admission,
      recorder,
      committer: this.#committer,
      limits: this.#parts.limits,
      logger: this.#parts.logger,
      onClosed: () => {
        this.#keys.withdraw(key.processId);
        this.#sessions.delete(session);
        seat.leave(false);
      },
    });
    this.#sessions.add(session);
    recorder.started(
      { application, backendPid: upstream.processId, tls: startup.tls, protocol },
      guard.observed,
    );
    this.#parts.logger.debug(
      { session: loggedIn.session, grant: ticket.id, principal: ticket.principal, client, application },
      'session started',
    );
    startup.socket.write(welcome(loggedIn, key));
    session.start(startup.reader.release(), upstream.rest);
    return session;
  }

  /** The client takes the close of its connection for the cancel having been sent: so it must have been. */
  async #cancel(processId: number, secretKey: Uint8Array): Promise<void> {
    const ours = await this.#keys.cancel(processId, secretKey);
    if (!ours) this.#parts.access.broadcastCancel(processId, secretKey);
  }

  #refused(
    socket: Socket,
    fault: unknown,
    startup: Startup | null,
    client: { ip: string; port: number },
  ): void {
    const { trail, metrics, logger } = this.#parts;
    const from = `${client.ip}:${client.port}`;
    const parameters = startup?.message.parameters;
    const grant = parameters?.get('user') ?? null;
    if (fault instanceof ProtocolError) {
      trail.append({
        type: 'protocol.violation',
        session: null,
        grant,
        client: from,
        message: fault.message,
      });
      metrics.loginRefused('bad-startup');
      refuse(socket, errors.protocolViolation(fault.message, fault.sqlstate));
    } else {
      const refusal =
        fault instanceof LoginRefused ? fault : new LoginRefused('error', errors.internal, fault);
      trail.append({
        type: 'login.refused',
        grant,
        database: parameters?.get('database') ?? null,
        client: from,
        application: parameters?.get('application_name') ?? null,
        sqlstate: refusal.error.sqlstate,
        cause: refusal.reason,
        message: refusal.error.message,
      });
      metrics.loginRefused(refusal.reason);
      if (refusal.fault !== undefined)
        logger.error({ err: refusal.fault, grant, client: from }, 'login failed');
      refuse(socket, refusal.error);
    }
    this.#committer.schedule(NOTHING_QUEUED);
  }
}

/** The event is written, and nobody waits for it. */
const NOTHING_QUEUED: Committed = {
  takeQueued: () => new Outbox(),
  flushUpstream: () => {},
  trailFailed: () => {},
};

/** After the last word to a client that does not close: how long its socket is kept, ms. */
const LINGER = 500;

function refuse(socket: Socket, error: Parameters<typeof errorResponse>[1]): void {
  if (socket.destroyed) return;
  socket.resume(); // unread bytes would turn the close into a reset, and the error would be lost
  socket.end(errorResponse('FATAL', error));
  setTimeout(() => socket.destroy(), LINGER).unref();
}
