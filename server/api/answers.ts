/** What each route answers, by its operationId: for clients that are written in TypeScript, of which the console is one. */
import type { z } from 'zod';
import type { Grant } from '../../access/grant.ts';
import type { GrantUsage } from '../../access/grant-store.ts';
import type { Held } from '../../access/holds/held.ts';
import type { AccessRequest } from '../../access/requests/access-request.ts';
import type { SessionInfo } from '../../access/session-registry.ts';
import type { RequestReview } from '../triage/request-review.ts';
import type { accountAnswer, accountsAnswer } from './account-schema.ts';
import type { AlarmsAnswer, verdictAnswer } from './alarm-schema.ts';
import type { bootstrapAnswer, bootstrappedAnswer } from './bootstrap-schema.ts';
import type { EventsAnswer } from './event-schema.ts';
import type { overviewAnswer } from './overview-schema.ts';
import type { principalAnswer } from './principal-schema.ts';
import type { askAnswer } from './request-schema.ts';
import type { StatementsAnswer, sessionDetailAnswer, sessionsAnswer } from './session-schema.ts';
import type { timelineAnswer } from './timeline-schema.ts';
import type { createdAnswer, tokensAnswer } from './token-schema.ts';
import type { trailStateAnswer } from './trail-schema.ts';

export type { StreamMessage, Topic } from './stream-schema.ts';

type Of<Schema extends z.ZodType> = z.infer<Schema>;

export interface Answers {
  readonly getMe: Of<typeof principalAnswer>;
  readonly getBootstrap: Of<typeof bootstrapAnswer>;
  readonly bootstrap: Of<typeof bootstrappedAnswer>;
  readonly logIn: { readonly principal: Of<typeof principalAnswer>; readonly expiresAt: string };
  readonly listSessions: Of<typeof sessionsAnswer>;
  readonly getSession: Of<typeof sessionDetailAnswer>;
  readonly listStatements: StatementsAnswer;
  readonly getTimeline: Of<typeof timelineAnswer>;
  readonly listEvents: EventsAnswer;
  readonly listAlarms: AlarmsAnswer;
  readonly getAlarm: AlarmsAnswer['alarms'][number];
  readonly judgeAlarm: Of<typeof verdictAnswer>;
  readonly getOverview: Of<typeof overviewAnswer>;
  readonly getTrail: Of<typeof trailStateAnswer>;
  readonly verifyTrail: Of<typeof trailStateAnswer>;
  readonly listRequests: {
    readonly requests: readonly AccessRequest[];
    readonly tampered: readonly string[];
  };
  readonly getRequest: AccessRequest;
  readonly getBriefing: RequestReview;
  readonly askAccess: Omit<Of<typeof askAnswer>, 'request'> & { readonly request: AccessRequest };
  readonly listGrants: { readonly grants: readonly Grant[]; readonly tampered: readonly string[] };
  readonly getGrant: Grant & {
    readonly usage: GrantUsage;
    readonly sessions: readonly SessionInfo[];
    readonly request: string | null;
  };
  readonly listAccounts: Of<typeof accountsAnswer>;
  readonly addAccount: Of<typeof accountAnswer>;
  readonly listTokens: Of<typeof tokensAnswer>;
  readonly createToken: Of<typeof createdAnswer>;
  readonly listHolds: { readonly holds: readonly Held[]; readonly tampered: readonly string[] };
  readonly getHold: Held;
}
