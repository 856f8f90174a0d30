/** The trail itself: where it is, and whether it is whole. */
import { statSync } from 'node:fs';
import { join } from 'node:path';
import type { z } from 'zod';
import type { Principal } from '../../access/accounts/principal.ts';
import { listSegments, listStreams, segmentName, streamDirectory } from '../../audit/segments.ts';
import type { AuditTrail } from '../../proxy/ports.ts';
import type { Config } from '../config.ts';
import type { CheckState, TrailCheck } from '../trail-check.ts';
import { type ApiRoute, conflict, route } from './api-route.ts';
import { keepPace, type Pace } from './pace.ts';
import { forbidden } from './refusal-book.ts';
import { trailStateAnswer } from './trail-schema.ts';
import { OVERSEERS } from './visibility.ts';

type TrailState = z.infer<typeof trailStateAnswer>;

export interface TrailRouteParts {
  readonly config: Pick<Config, 'node' | 'audit'>;
  readonly trail: Pick<AuditTrail, 'writable'>;
  readonly check: TrailCheck;
  /** What is known of the store; null: there is none. */
  readonly store: () => Promise<TrailState['store']>;
  /** From when on sessions, flags and counts are known; null: all are. */
  readonly knownSince: () => Promise<string | null>;
  readonly pace: Pace;
}

/** Each reads all of the trail. */
const SHARE_OF_CHECKS = 1 / 100;

export function trailRoutes({
  config,
  trail,
  check,
  store,
  knownSince,
  pace,
}: TrailRouteParts): readonly ApiRoute[] {
  const { spool } = config.audit;

  const show = route(
    OVERSEERS,
    {
      ...{ method: 'GET', url: '/v1/trail', operationId: 'getTrail', answer: trailStateAnswer },
      summary:
        'Where the trail is kept, whether it can be written, and how its last check on this node went.',
    },
    async ({ principal }) => {
      refuseBound(principal);
      return await state();
    },
  );

  const verify = route(
    OVERSEERS,
    {
      ...{ method: 'POST', url: '/v1/trail/verify', operationId: 'verifyTrail', answer: trailStateAnswer },
      summary:
        "Check the chains of this node's spool, and of all nodes in the store, in the background: GET /v1/trail tells how it goes.",
    },
    async ({ principal }) => {
      refuseBound(principal);
      if (check.state.kind === 'running') throw conflict('a check is running');
      await keepPace(pace, 'checks of the trail', SHARE_OF_CHECKS);
      check.start(principal.id);
      return await state();
    },
  );

  async function state(): Promise<TrailState> {
    const streams = listStreams(spool).map((stream) => {
      const directory = streamDirectory(spool, stream);
      const segments = listSegments(directory);
      const bytes = segments.reduce((sum, number) => sum + sizeOf(join(directory, segmentName(number))), 0);
      return { name: `${stream.node}/${stream.stream}`, segments: segments.length, bytes };
    });
    const bytes = streams.reduce((sum, stream) => sum + stream.bytes, 0);
    return {
      node: config.node,
      spool: { writable: trail.writable, streams, bytes },
      store: await store(),
      knownSince: await knownSince(),
      verification: shown(check.state, spool),
    };
  }

  return [show, verify];
}

/** 0: it has gone meanwhile. */
const sizeOf = (path: string): number => statSync(path, { throwIfNoEntry: false })?.size ?? 0;

/** What is of all databases is for nobody who may deal with some. */
function refuseBound({ databases }: Principal): void {
  if (databases !== null)
    throw forbidden('the token is for some databases only', 'An admin makes tokens that are for all.');
}

/** Places are told as they are within the spool. */
function shown(state: CheckState, spool: string): TrailState['verification'] {
  if (state.kind !== 'done') return { ...state };
  const streams = state.streams.map(({ name, events, head, signed, unknownKeys, breaks, firstBreak }) => ({
    ...{ name, events, head, signed, unknownKeys: [...unknownKeys], breaks },
    firstBreak: firstBreak && { ...firstBreak, place: firstBreak.place.replace(`${spool}/`, '') },
  }));
  return { ...state, streams };
}
