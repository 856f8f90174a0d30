/** What the API answers, by its own schemas: a change there that matters here fails to compile. */
import type { z } from 'zod';
import type { bootstrapAnswer } from '../../../server/api/bootstrap-schema.ts';
import type { overviewAnswer, tallyAnswer } from '../../../server/api/overview-schema.ts';
import type { principalAnswer } from '../../../server/api/principal-schema.ts';
import type {
  countsAnswer,
  sessionAnswer,
  sessionDetailAnswer,
  sessionsAnswer,
} from '../../../server/api/session-schema.ts';

export type { Grant } from '../../../access/grant.ts';
export type { Held } from '../../../access/holds/held.ts';
export type { AccessRequest } from '../../../access/requests/access-request.ts';
export type { SpooledEvent } from '../../../audit/events.ts';
export type { Alarm, Decision, EventOf, TrailStatement } from '../../../audit/trail-source.ts';
export type { AlarmsAnswer } from '../../../server/api/alarm-schema.ts';

import type { Answers } from '../../../server/api/answers.ts';

export type { Answers } from '../../../server/api/answers.ts';
export type { EventsAnswer } from '../../../server/api/event-schema.ts';
export type { StatementsAnswer } from '../../../server/api/session-schema.ts';
export type { StreamMessage, Topic } from '../../../server/api/stream-schema.ts';

export type Account = Answers['listAccounts']['accounts'][number];
export type ApiToken = Answers['listTokens']['tokens'][number];
export type Me = z.infer<typeof principalAnswer>;
export type Role = Me['roles'][number];
export type Session = z.infer<typeof sessionAnswer>;
export type SessionCounts = z.infer<typeof countsAnswer>;
export type SessionDetail = z.infer<typeof sessionDetailAnswer>;
export type SessionsAnswer = z.infer<typeof sessionsAnswer>;
export type Overview = z.infer<typeof overviewAnswer>;
export type Tally = z.infer<typeof tallyAnswer>;
export type Bootstrap = z.infer<typeof bootstrapAnswer>;
