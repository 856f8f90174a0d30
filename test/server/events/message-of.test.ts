import test from 'ava';
import type { AuditEvent } from '../../../audit/events.ts';
import { MESSAGE_TYPES } from '../../../server/events/message.ts';
import { messageOf, TOLD } from '../../../server/events/message-of.ts';
import { WEBHOOKS } from '../../../server/events/webhook-document.ts';

const CREATED: AuditEvent = {
  ...{ type: 'request.create', request: 'r0000001', principal: 'alice', kind: 'person', actsFor: null },
  ...{ database: 'shop', scope: [{ actions: ['select'], on: ['public.orders'] }], ttl: 1_000 },
  ...{ reason: 'her neighbour, Mrs Smith', ticket: 'INC-1', emergency: false, outcome: 'pending' },
  ...{ rule: null, revision: 'r1', notes: ['shortened'] },
};

test('people’s own words are for receivers that ask for them', (t) => {
  const message = messageOf(CREATED)!;
  t.deepEqual(message.data, {
    ...{ request: 'r0000001', principal: 'alice', kind: 'person', actsFor: null, database: 'shop' },
    ...{ ttl: 1_000, emergency: false, outcome: 'pending', rule: null, revision: 'r1' },
  });
  t.is(message.details?.reason, 'her neighbour, Mrs Smith');
  t.is(message.about, 'r0000001');
  t.notRegex(JSON.stringify([message.data, message.id]), /Smith|INC-1|orders/);
});

test('each message has a name of its own', (t) => {
  t.not(messageOf(CREATED)?.id, messageOf(CREATED)?.id);
});

test('each type of message but those of the model is that of an event, and no other event is told', (t) => {
  const own = MESSAGE_TYPES.filter((type) => type !== 'risk.alarm' && type !== 'risk.drift');
  t.deepEqual(Object.keys(TOLD).sort(), [...own].sort());
  t.is(messageOf({ type: 'node.stop' }), null);
  t.is(messageOf({ type: 'toString' } as unknown as AuditEvent), null);
});

test('the description has every message, with every member that it can have', (t) => {
  t.deepEqual(Object.keys(WEBHOOKS), [...MESSAGE_TYPES]);
  const { data, details } = messageOf(CREATED)!;
  const { schema } = WEBHOOKS['request.create']!.post.requestBody.content['application/json'];
  const described = (schema.properties as { data: { required: string[]; properties: object } }).data;
  t.deepEqual(
    Object.keys({ ...data, ...details }).filter((name) => !Object.hasOwn(described.properties, name)),
    [],
  );
  t.deepEqual(
    described.required.filter((name) => !Object.hasOwn(data, name)),
    [],
  );
});
