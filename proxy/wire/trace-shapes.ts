import { BACKEND, FRONTEND } from './message-types.ts';

/**
 * How a field is read and shown. `name`: an identifier, a setting, a tag; `content`, `value` and `data`: what people's
 * data may stand in; `secret`: never shown. Plurals have an int16 count in front, `options` an int32.
 */
export type FieldKind =
  | 'byte'
  | 'int8'
  | 'int16'
  | 'int32'
  | 'name'
  | 'content'
  | 'value'
  | 'int16s'
  | 'int32s'
  | 'values'
  | 'columns'
  | 'options'
  | 'error'
  | 'data'
  | 'secret';

/** The name of a message and its fields in order. */
export type Shape = readonly [name: string, ...fields: readonly FieldKind[]];

export const FRONTEND_SHAPES: Readonly<Record<number, Shape>> = {
  [FRONTEND.bind]: ['Bind', 'name', 'name', 'int16s', 'values', 'int16s'],
  [FRONTEND.close]: ['Close', 'byte', 'name'],
  [FRONTEND.copyData]: ['CopyData', 'data'],
  [FRONTEND.copyDone]: ['CopyDone'],
  [FRONTEND.copyFail]: ['CopyFail', 'content'],
  [FRONTEND.describe]: ['Describe', 'byte', 'name'],
  [FRONTEND.execute]: ['Execute', 'name', 'int32'],
  [FRONTEND.flush]: ['Flush'],
  [FRONTEND.functionCall]: ['FunctionCall', 'int32', 'int16s', 'values', 'int16'],
  [FRONTEND.parse]: ['Parse', 'name', 'content', 'int32s'],
  [FRONTEND.password]: ['PasswordMessage', 'secret'],
  [FRONTEND.query]: ['Query', 'content'],
  [FRONTEND.sync]: ['Sync'],
  [FRONTEND.terminate]: ['Terminate'],
};

export const BACKEND_SHAPES: Readonly<Record<number, Shape>> = {
  [BACKEND.authentication]: ['Authentication', 'int32', 'secret'],
  [BACKEND.backendKeyData]: ['BackendKeyData', 'int32', 'secret'],
  [BACKEND.bindComplete]: ['BindComplete'],
  [BACKEND.closeComplete]: ['CloseComplete'],
  [BACKEND.commandComplete]: ['CommandComplete', 'name'],
  [BACKEND.copyBoth]: ['CopyBothResponse', 'int8', 'int16s'],
  [BACKEND.copyData]: ['CopyData', 'data'],
  [BACKEND.copyDone]: ['CopyDone'],
  [BACKEND.copyIn]: ['CopyInResponse', 'int8', 'int16s'],
  [BACKEND.copyOut]: ['CopyOutResponse', 'int8', 'int16s'],
  [BACKEND.dataRow]: ['DataRow', 'values'],
  [BACKEND.emptyQuery]: ['EmptyQueryResponse'],
  [BACKEND.error]: ['ErrorResponse', 'error'],
  [BACKEND.functionCallResponse]: ['FunctionCallResponse', 'value'],
  [BACKEND.negotiateProtocolVersion]: ['NegotiateProtocolVersion', 'int32', 'options'],
  [BACKEND.noData]: ['NoData'],
  [BACKEND.notice]: ['NoticeResponse', 'error'],
  [BACKEND.notification]: ['NotificationResponse', 'int32', 'name', 'content'],
  [BACKEND.parameterDescription]: ['ParameterDescription', 'int32s'],
  [BACKEND.parameterStatus]: ['ParameterStatus', 'name', 'name'],
  [BACKEND.parseComplete]: ['ParseComplete'],
  [BACKEND.portalSuspended]: ['PortalSuspended'],
  [BACKEND.readyForQuery]: ['ReadyForQuery', 'byte'],
  [BACKEND.rowDescription]: ['RowDescription', 'columns'],
};
