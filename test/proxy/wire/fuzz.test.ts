import test from 'ava';
import fc from 'fast-check';
import * as backend from '../../../proxy/wire/backend-messages.ts';
import { certificateHash } from '../../../proxy/wire/certificate-hash.ts';
import * as frontend from '../../../proxy/wire/frontend-messages.ts';
import { ProtocolError } from '../../../proxy/wire/protocol-error.ts';
import { SCRAM_SHA_256 } from '../../../proxy/wire/scram.ts';
import { ScramClient } from '../../../proxy/wire/scram-client.ts';
import { ScramServer } from '../../../proxy/wire/scram-server.ts';
import { parseOptions } from '../../../proxy/wire/startup-options.ts';
import { MAX_STARTUP_PACKET_LENGTH, readStartupPacket } from '../../../proxy/wire/startup-packet.ts';
import { traceFrame, traceStartupPacket } from '../../../proxy/wire/trace.ts';
import { cstring, frame, int16, int32, packet } from './bytes.ts';

const RUNS = { numRuns: 2000 };

/** Its value, or the ProtocolError that it throws. Anything else fails the test. */
function attempt<T>(run: () => T): T | ProtocolError {
  try {
    return run();
  } catch (error) {
    if (error instanceof ProtocolError) return error;
    throw error;
  }
}

// Pieces of which real messages are made, so that random bodies get past the first check.
const text = fc.string({ unit: 'binary', maxLength: 8 }).map((value) => cstring(value.replaceAll('\0', '')));
const piece: fc.Arbitrary<Buffer> = fc.oneof(
  text,
  fc.integer({ min: -2, max: 4 }).map((value) => int16(value)),
  fc.integer({ min: -2, max: 8 }).map((value) => int32(value)),
  fc.constantFrom('S', 'P', '\0', '').map((value) => Buffer.from(value)),
  fc.uint8Array({ maxLength: 8 }).map((bytes) => Buffer.from(bytes)),
);
const body = fc.oneof(
  fc.uint8Array({ maxLength: 64 }).map((bytes) => Buffer.from(bytes)),
  fc.array(piece, { maxLength: 8 }).map((pieces) => Buffer.concat(pieces)),
);

const { readErrorFields, readParameterStatus } = backend;
const { bindParameters, ...frontendDecoders } = frontend;
const decoders: Readonly<Record<string, (body: Buffer) => unknown>> = {
  ...frontendDecoders,
  decodeBindWithParameters: (bytes) => [...bindParameters(bytes, frontend.decodeBind(bytes))],
  ...{ readErrorFields, readParameterStatus },
};

for (const [name, decode] of Object.entries(decoders)) {
  test(`${name}: a value or a ProtocolError, whatever the bytes`, (t) => {
    t.notThrows(() =>
      fc.assert(
        fc.property(body, (bytes) => {
          attempt(() => decode(bytes));
        }),
        RUNS,
      ),
    );
  });

  test(`${name} never reads past the end of its frame`, (t) => {
    fc.assert(
      fc.property(body, body, (bytes, next) => {
        const alone = attempt(() => decode(Buffer.from(bytes)));
        const within = Buffer.concat([next, bytes, next]);
        const view = within.subarray(next.length, next.length + bytes.length);
        t.deepEqual(
          attempt(() => decode(view)),
          alone,
        );
      }),
      { numRuns: 300 },
    );
  });

  test(`${name} accounts for every byte: none can be added`, (t) => {
    t.notThrows(() =>
      fc.assert(
        fc.property(body, fc.integer({ min: 0, max: 255 }), (bytes, byte) => {
          if (name === 'decodeSaslResponse') return;
          if (attempt(() => decode(bytes)) instanceof ProtocolError) return;
          t.true(attempt(() => decode(Buffer.concat([bytes, Buffer.from([byte])]))) instanceof ProtocolError);
        }),
        { numRuns: 1000 },
      ),
    );
  });
}

const startupPacket = fc.oneof(
  body,
  body.map((bytes) => packet(bytes)),
  body.map((bytes) => packet(int16(3, 2), bytes)),
  fc.array(text, { maxLength: 6 }).map((texts) => packet(int16(3, 0), ...texts, Buffer.alloc(1))),
  fc
    .constantFrom(80877102, 80877103, 80877104)
    .chain((code) => body.map((bytes) => packet(int32(code), bytes))),
);

test('startup packets: the same, however the bytes are split', (t) => {
  t.notThrows(() =>
    fc.assert(
      fc.property(startupPacket, fc.nat(), (bytes, at) => {
        const whole = attempt(() => readStartupPacket(bytes));
        const first = attempt(() => readStartupPacket(bytes.subarray(0, at % (bytes.length + 1))));
        if (first instanceof ProtocolError || first.kind === 'incomplete') {
          if (first instanceof ProtocolError)
            t.is(whole instanceof ProtocolError && whole.message, first.message);
        } else {
          t.deepEqual(whole, first);
        }
      }),
      RUNS,
    ),
  );
});

test('startup packets: what is awaited is bounded', (t) => {
  t.notThrows(() =>
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 4, maxLength: 16 }), (bytes) => {
        const outcome = attempt(() => readStartupPacket(Buffer.from(bytes)));
        if (outcome instanceof ProtocolError || outcome.kind !== 'incomplete') return;
        t.true(Buffer.from(bytes).readUInt32BE() <= MAX_STARTUP_PACKET_LENGTH + 4);
      }),
      RUNS,
    ),
  );
});

test('startup options: settings or a ProtocolError, and no name is empty', (t) => {
  const words = fc.constantFrom('-c', ' ', '--', 'a', '=', '\\', '\t', '-', 'b=c', 'é', '\0');
  t.notThrows(() =>
    fc.assert(
      fc.property(fc.array(words, { maxLength: 12 }), (parts) => {
        const settings = attempt(() => parseOptions(parts.join('')));
        if (!(settings instanceof ProtocolError)) t.true(settings.every(({ name }) => name !== ''));
      }),
      RUNS,
    ),
  );
});

const attribute = fc.constantFrom(
  'n=',
  'r=abc',
  'r=',
  'a=x',
  'm=',
  'p=',
  'c=biws',
  'n',
  'y',
  'p=tls-unique',
  '',
  'i=4096',
  's=AA==',
  'v=',
  '\0',
  'x=1',
);
const scramMessage = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.array(attribute, { maxLength: 6 }).map((attributes) => attributes.join(',')),
);

test('SCRAM: nobody gets in by luck, and nothing but a ProtocolError comes of trying', async (t) => {
  const verifier = {
    iterations: 1,
    salt: Buffer.alloc(16),
    storedKey: Buffer.alloc(32),
    serverKey: Buffer.alloc(32),
  };
  fc.assert(
    fc.property(scramMessage, scramMessage, (first, final) => {
      const server = new ScramServer({ verifier, channelBinding: null });
      if (attempt(() => server.first(SCRAM_SHA_256, first)) instanceof ProtocolError) {
        server.first(SCRAM_SHA_256, 'n,,n=,r=abc');
      }
      const outcome = attempt(() => server.final(final));
      t.false(!(outcome instanceof ProtocolError) && outcome.ok);
    }),
    RUNS,
  );
  await fc.assert(
    fc.asyncProperty(scramMessage, scramMessage, async (first, final) => {
      const client = new ScramClient({
        password: 'x',
        mechanisms: [SCRAM_SHA_256],
        channelBinding: null,
        nonce: 'ab',
      });
      client.first();
      const outcome = await client.final(first).catch((error: unknown) => error);
      t.true(typeof outcome === 'string' || outcome instanceof ProtocolError);
      attempt(() => client.verify(final));
      t.false(client.verified);
    }),
    { numRuns: 500 },
  );
});

test('traces: a line, whatever the message', (t) => {
  fc.assert(
    fc.property(
      fc.constantFrom('F' as const, 'B' as const),
      fc.integer({ min: 0, max: 255 }),
      body,
      (direction, type, bytes) => {
        const line = traceFrame(direction, frame(String.fromCharCode(type), bytes), { contents: true });
        t.regex(line, /^[FB]\t\d+\t[^\n]+$/);
      },
    ),
    RUNS,
  );
  fc.assert(
    fc.property(startupPacket, (bytes) => {
      attempt(() => traceStartupPacket(bytes));
    }),
    RUNS,
  );
});

test('certificates: a hash or none, whatever the bytes', (t) => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
      t.is(certificateHash(bytes), null);
    }),
    RUNS,
  );
});
