/** Whether the trail is whole, and where it is. */
import { z } from 'zod';

const head = z.object({ seq: z.int(), hash: z.string() }).nullable();

const stream = z.object({
  name: z.string().describe('node/stream'),
  segments: z.int(),
  bytes: z.int(),
});

const checked = z.object({
  name: z.string(),
  events: z.int(),
  head,
  signed: z
    .object({ seq: z.int(), hash: z.string(), at: z.string(), key: z.string() })
    .nullable()
    .describe(
      'Up to which event it is signed by a key that is known, when that was, and the name of the key.',
    ),
  unknownKeys: z
    .array(z.string())
    .describe('Names of keys that it is signed by and that nobody knows here: audit.checkpointKeys.'),
  breaks: z.int(),
  firstBreak: z
    .object({ place: z.string(), seq: z.int().nullable(), fault: z.string(), detail: z.string() })
    .nullable(),
});

export const verificationAnswer = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('never') }),
  z.object({
    kind: z.literal('running'),
    startedAt: z.string(),
    by: z.string(),
    done: z.number().describe('About which share of the events has been read, from 0 to 1.'),
  }),
  z.object({
    kind: z.literal('done'),
    startedAt: z.string(),
    endedAt: z.string(),
    by: z.string(),
    ok: z.boolean(),
    events: z.int(),
    streams: z.array(checked),
  }),
  z.object({
    kind: z.literal('failed'),
    startedAt: z.string(),
    endedAt: z.string(),
    by: z.string(),
    message: z.string(),
  }),
]);

export const trailStateAnswer = z.object({
  node: z.string(),
  spool: z.object({
    writable: z.boolean(),
    streams: z.array(stream),
    bytes: z.int(),
  }),
  store: z
    .looseObject({
      reachable: z.boolean(),
      behind: z.int().describe('Events of this node that it does not have yet.'),
      fault: z.string().nullable().describe('Why it can not be reached.'),
    })
    .nullable()
    .describe('Null: there is none, and the spool is all there is.'),
  knownSince: z
    .string()
    .nullable()
    .describe(
      'Sessions, flags and counts are known from then on, since the spool has much more and there is no store; searches find all. Null: all are.',
    ),
  verification: verificationAnswer.describe('The last on this node.'),
});
