/** Alarms of the risk model: seen, and judged. */
import type { Issuer } from '../../access/access.ts';
import type { Principal } from '../../access/accounts/principal.ts';
import type { RecordEvent } from '../../access/grant-store.ts';
import type { Alarm, TrailSource } from '../../audit/trail-source.ts';
import { judgeAlarm } from '../risk/learning/judge-alarm.ts';
import {
  alarmAnswer,
  alarmParams,
  alarmsAnswer,
  alarmsQuery,
  verdictAnswer,
  verdictBody,
} from './alarm-schema.ts';
import { type ApiRoute, conflict, notFound, route } from './api-route.ts';
import type { Cursors } from './cursors.ts';
import { asConflict } from './domain-faults.ts';
import { OVERSEERS, reviewerOf } from './visibility.ts';
import { principalToAsk, seesEvent } from './visible-events.ts';

export interface AlarmRouteParts extends Pick<Issuer, 'habits' | 'verdicts' | 'requests'> {
  readonly source: TrailSource;
  readonly cursors: Cursors;
  readonly record: RecordEvent;
}

export function alarmRoutes(parts: AlarmRouteParts): readonly ApiRoute[] {
  const { source, cursors, record } = parts;

  const list = route(
    ['requester', ...OVERSEERS],
    {
      ...{ method: 'GET', url: '/v1/alarms', operationId: 'listAlarms', query: alarmsQuery },
      answer: alarmsAnswer,
      summary: 'Alarms of the risk model that wait for a verdict, or have one: of your sessions, or all.',
    },
    async ({ principal, query: { limit, cursor, ...question } }) => {
      const whose = principalToAsk(principal, question.principal);
      if (whose === 'nobody') return { alarms: [], next: null };
      const { items, next } = await cursors.page([principal.id, 'listAlarms', question], cursor, (at) =>
        source.alarms({ ...question, ...whose, ...at, limit }).catch(asConflict),
      );
      return { alarms: items.filter(({ flag }) => seesEvent(principal, flag)), next };
    },
  );

  const show = route(
    ['requester', ...OVERSEERS],
    {
      ...{ method: 'GET', url: '/v1/alarms/:id', operationId: 'getAlarm', params: alarmParams },
      ...{ answer: alarmAnswer, summary: 'One of them.' },
    },
    async ({ principal, params: { id } }) => await visible(principal, id),
  );

  const judge = route(
    ['reviewer'],
    {
      ...{ method: 'POST', url: '/v1/alarms/:id/verdict', operationId: 'judgeAlarm', params: alarmParams },
      ...{ body: verdictBody, answer: verdictAnswer },
      summary:
        'Say whether an alarm was one; the last word counts, and the model learns from it. Never of your own.',
    },
    async ({ principal, params: { id }, body: { verdict, note } }) => {
      const { flag } = await visible(principal, id);
      await refuseOwn(principal, flag);
      const by = principal.id;
      await judgeAlarm({ flag, verdict, by, note: note === '' ? null : note }, parts, record);
      return { alarm: id, verdict, by };
    },
  );

  /** Rejects with an HttpFault. Whose an agent's session is, its request says. */
  async function refuseOwn(principal: Principal, flag: Alarm['flag']): Promise<void> {
    const request = await parts.requests.ofGrant(flag.grant);
    const theirs = [flag.principal, request?.principal.id, request?.principal.actsFor];
    const { id, actsFor } = reviewerOf(principal);
    if (theirs.includes(id) || (actsFor !== undefined && theirs.includes(actsFor)))
      throw conflict('nobody judges an alarm of a session of their own');
  }

  /** Rejects with an HttpFault where there is none that they may see. */
  async function visible(principal: Principal, id: string): Promise<Alarm> {
    const alarm = await source.alarm(id);
    if (alarm === null || !seesEvent(principal, alarm.flag)) throw notFound('alarm', id);
    return alarm;
  }

  return [list, show, judge];
}
