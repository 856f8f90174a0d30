/** HTTP as all of it is served here: bounded in size, time and number, JSON only, errors that say what to do. */
import { createServer, type RequestListener, STATUS_CODES } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import Fastify, { type FastifyError, type FastifyInstance, type FastifyReply } from 'fastify';
import type { Address } from './config-fields.ts';

export interface HttpServerOptions {
  /** PEM texts; null: without TLS. */
  readonly tls: { readonly cert: string; readonly key: string } | null;
  /** ms that a request may take to arrive. */
  readonly arrival: number;
  /** Told of what is not the fault of a request. */
  readonly failed: (fault: Error) => void;
}

const MOST_HEADER_BYTES = 8 * 1024;
const MOST_BODY_BYTES = 256 * 1024;
const MOST_CONNECTIONS = 500;
const MOST_REQUESTS = 1_000;
/** ms. */
const IDLE = 5_000;
const LOOK = 500;

/** What a client reads when its request fails. `code` is for programs, and stays; the rest is for people. */
export class HttpFault extends Error {
  readonly status: number;
  readonly code: string;
  readonly hint: string;
  /** ms until it makes sense to try again; null: never as it is. */
  readonly retryAfter: number | null;

  constructor(
    status: number,
    { code, message, hint }: { readonly code: string; readonly message: string; readonly hint: string },
    retryAfter: number | null = null,
  ) {
    super(message);
    this.name = 'HttpFault';
    this.status = status;
    this.code = code;
    this.hint = hint;
    this.retryAfter = retryAfter;
  }
}

/** Not listening yet. Nothing that a client sends is believed of where it is: there is no trusted proxy. */
export function createHttpServer({ tls, arrival, failed }: HttpServerOptions): FastifyInstance {
  const server = Fastify({
    logger: false,
    bodyLimit: MOST_BODY_BYTES,
    forceCloseConnections: true,
    onProtoPoisoning: 'error',
    onConstructorPoisoning: 'error',
    ajv: { customOptions: { coerceTypes: false, removeAdditional: false, useDefaults: false } },
    serverFactory: (handler) => {
      const options = {
        requestTimeout: arrival,
        headersTimeout: arrival,
        connectionsCheckingInterval: LOOK,
        keepAliveTimeout: IDLE,
        maxHeaderSize: MOST_HEADER_BYTES,
      };
      const listener = handler as RequestListener;
      const made =
        tls === null
          ? createServer(options, listener)
          : createTlsServer(
              { ...options, ...tls, minVersion: 'TLSv1.2', handshakeTimeout: arrival },
              listener,
            );
      made.maxConnections = MOST_CONNECTIONS;
      made.maxRequestsPerSocket = MOST_REQUESTS;
      return made;
    },
  });
  server.removeContentTypeParser('text/plain');
  server.addHook('onSend', async (_request, reply, payload) => {
    reply.header('cache-control', 'no-store').header('x-content-type-options', 'nosniff');
    return payload;
  });
  server.setErrorHandler<FastifyError | HttpFault>((error, request, reply) => {
    const fault = error instanceof HttpFault ? error : faultOf(error);
    if (fault.status === 500) failed(error);
    if (fault.retryAfter !== null) reply.header('retry-after', Math.ceil(fault.retryAfter / 1000));
    if (fault.status === 401) reply.header('www-authenticate', 'Bearer realm="postern"');
    // What has not been read of a refused request is not waited for.
    if (!request.raw.complete) reply.header('connection', 'close');
    return problem(reply, fault);
  });
  server.setNotFoundHandler((_request, reply) => problem(reply, NOT_FOUND));
  return server;
}

/** Resolves with the port. */
export async function listen(server: FastifyInstance, { host, port }: Address): Promise<number> {
  await server.listen({ host, port });
  const bound = server.server.address();
  return typeof bound === 'object' && bound !== null ? bound.port : port;
}

const NOT_FOUND = new HttpFault(404, {
  code: 'not-found',
  message: 'there is nothing here by this method and path',
  hint: 'GET /v1/openapi.json of the API tells what there is.',
});

/** RFC 9457; `code` and `hint` are extensions of ours. */
const problem = (reply: FastifyReply, { status, code, message: detail, hint }: HttpFault): FastifyReply => {
  const title = STATUS_CODES[status] ?? 'Error';
  const body = JSON.stringify({ type: 'about:blank', title, status, detail, code, hint });
  return reply.code(status).type('application/problem+json').serializer(String).send(body);
};

/** The server's own faults are told to nobody; those of requests never quote them. */
function faultOf(error: FastifyError): HttpFault {
  const { statusCode = 500, validation } = error;
  if (validation !== undefined)
    return new HttpFault(400, {
      code: 'invalid',
      message: `the request is not as it should be: ${error.message}`,
      hint: 'GET /v1/openapi.json describes it.',
    });
  if (statusCode >= 400 && statusCode < 500)
    return new HttpFault(statusCode, {
      code: (error.code ?? 'invalid')
        .toLowerCase()
        .replace(/^fst_err_/, '')
        .replaceAll('_', '-'),
      message:
        statusCode === 413
          ? `the body is longer than ${MOST_BODY_BYTES} bytes`
          : 'the request can not be read',
      hint: 'Send JSON, with content-type: application/json.',
    });
  return new HttpFault(500, {
    code: 'failed',
    message: 'the request could not be answered',
    hint: 'The log of postern tells its operator why.',
  });
}
