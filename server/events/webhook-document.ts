/** The `webhooks` of the OpenAPI 3.1 document: what receivers are sent. */
import { type EventMessageType, MESSAGE_TYPES } from './message.ts';
import { TOLD } from './message-of.ts';

type Schema = Readonly<Record<string, unknown>>;

const TEXT: Schema = { type: 'string' };
const TEXT_OR_NULL: Schema = { type: ['string', 'null'] };
const INSTANT: Schema = { type: 'string', format: 'date-time' };
const MILLISECONDS: Schema = { type: 'integer', description: 'Milliseconds.' };

/** Members of `data` that are no plain texts; a name means the same in each message. */
const MEMBERS: Readonly<Record<string, Schema>> = {
  actsFor: { ...TEXT_OR_NULL, description: 'Whom an agent works for.' },
  approvedBy: { type: 'array', items: TEXT, description: 'Empty: by the policy.' },
  by: TEXT_OR_NULL,
  emergency: { type: 'boolean' },
  expiresAt: INSTANT,
  extends: { ...TEXT, description: 'The grant for which more time is asked.' },
  finding: { enum: ['justified', 'unjustified'] },
  grant: { ...TEXT_OR_NULL, description: 'null: other approvals are needed.' },
  inTransaction: { type: 'boolean' },
  limits: { type: 'object' },
  missing: { type: 'array', items: TEXT },
  note: TEXT_OR_NULL,
  notes: { type: 'array', items: TEXT },
  parameters: { type: ['array', 'null'], items: TEXT_OR_NULL },
  reasons: { type: 'array', items: TEXT },
  reviewBy: INSTANT,
  rule: { ...TEXT_OR_NULL, description: 'null: no rule of the policy matched.' },
  scope: { type: 'array', items: { type: 'object' } },
  ticket: TEXT_OR_NULL,
  ttl: MILLISECONDS,
  waitMs: MILLISECONDS,
  waitedMs: MILLISECONDS,
};

const SUMMARIES: Readonly<Record<EventMessageType, string>> = {
  'request.create': 'Somebody asks for access; `outcome` is what the policy makes of it.',
  'request.approve': 'A reviewer approves a request.',
  'request.deny': 'A reviewer denies a request.',
  'request.withdraw': 'Whoever asked takes a request back.',
  'request.expire': 'Nobody has decided on a request in its time.',
  'request.emergency': 'Emergency access begins; it is to be reviewed until `reviewBy`.',
  'request.review': 'A reviewer has looked at an emergency afterwards.',
  'grant.create': 'A grant begins.',
  'grant.extend': 'A grant ends later.',
  'grant.return': 'The holder of a grant gives it back.',
  'grant.revoke': 'Somebody ends a grant.',
  'grant.expire': 'The time of a grant is over.',
  'hold.ask': 'A statement waits for a reviewer.',
  'hold.approve': 'A reviewer lets a statement run.',
  'hold.deny': 'A reviewer refuses a statement.',
  'hold.end': 'A statement waits no longer.',
  'policy.change': 'Another revision of the policy decides.',
  'policy.refuse': 'The policy file can not be used; `revision` stays.',
  'risk.alarm': 'A statement, or its session, is unusual.',
  'risk.drift': 'What comes by has moved away from what the model was trained on.',
  'risk.verdict': 'A reviewer says what an alarm was.',
};

/** By type, as OpenAPI has it. */
export const WEBHOOKS = Object.fromEntries(MESSAGE_TYPES.map((type) => [type, { post: operation(type) }]));

function operation(type: EventMessageType) {
  return {
    operationId: `on${type.replace(/(?:^|\.)([a-z])/g, (_, letter: string) => letter.toUpperCase())}`,
    summary: SUMMARIES[type],
    parameters: [
      header('webhook-id', 'The same at each attempt, so that a repetition can be told.'),
      header('webhook-timestamp', 'Unix time of the attempt, in seconds.'),
      header('webhook-signature', '`v1,` and HMAC-SHA-256 in base64, once for each secret, by a space each.'),
    ],
    requestBody: { required: true, content: { 'application/json': { schema: bodySchema(type) } } },
    responses: { '2XX': { description: 'Taken. Whatever else is answered, it is tried again or given up.' } },
  };
}

function header(name: string, description: string) {
  return { name, in: 'header', required: true, description, schema: TEXT };
}

function bodySchema(type: EventMessageType): Schema {
  return {
    type: 'object',
    required: ['type', 'timestamp', 'data'],
    properties: { type: { const: type }, timestamp: INSTANT, data: dataSchema(type) },
  };
}

/** What a receiver has to ask for, by `details` or `sql`, is there only then. */
function dataSchema(type: EventMessageType): Schema {
  if (type === 'risk.alarm' || type === 'risk.drift')
    return {
      type: 'object',
      description: `As in the event ${type === 'risk.alarm' ? 'risk.flag' : type} of the trail.`,
    };
  const { data, details = [], sql = [] }: Members = TOLD[type];
  const optional = ['extends', ...details, ...sql];
  const properties = [...data, ...details, ...sql].map((name) => [name, MEMBERS[name] ?? TEXT]);
  return {
    type: 'object',
    required: data.filter((name) => !optional.includes(name)),
    properties: Object.fromEntries(properties),
  };
}

interface Members {
  readonly data: readonly string[];
  readonly details?: readonly string[];
  readonly sql?: readonly string[];
}
