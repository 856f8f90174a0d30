/** ONNX files as far as the models need them: field numbers of onnx.proto (onnx.ai, IR version 8). */
import { floatBytes, floatsIn, intsIn, type Message, MessageWriter, readMessage } from './protobuf.ts';

export type Attribute =
  | { readonly ints: readonly number[] }
  | { readonly floats: Iterable<number> }
  | { readonly texts: readonly string[] }
  | { readonly int: number }
  | { readonly text: string };

export interface GraphNode {
  readonly op: string;
  /** `ai.onnx.ml` for trees; default: ONNX's own. */
  readonly domain?: string;
  readonly inputs: readonly string[];
  readonly output: string;
  readonly attributes?: Readonly<Record<string, Attribute>>;
}

export interface Tensor {
  readonly name: string;
  readonly dims: readonly number[];
  readonly values: Float32Array;
}

export interface Graph {
  readonly name: string;
  readonly nodes: readonly GraphNode[];
  readonly tensors: readonly Tensor[];
  /** Widths of rows; any number of rows at a time. */
  readonly inputs: Readonly<Record<string, number>>;
  readonly outputs: Readonly<Record<string, number>>;
  readonly metadata: Readonly<Record<string, string>>;
}

const FLOAT = 1;
const IR_VERSION = 8;
const OPSETS: readonly (readonly [string, number])[] = [
  ['', 17],
  ['ai.onnx.ml', 3],
];

export function writeGraph(graph: Graph): Uint8Array {
  const body = new MessageWriter();
  for (const node of graph.nodes) body.message(1, nodeMessage(node));
  body.text(2, graph.name);
  for (const tensor of graph.tensors) body.message(5, tensorMessage(tensor));
  for (const [name, width] of Object.entries(graph.inputs)) body.message(11, valueMessage(name, width));
  for (const [name, width] of Object.entries(graph.outputs)) body.message(12, valueMessage(name, width));
  const model = new MessageWriter().int(1, IR_VERSION).text(2, 'postern').message(7, body);
  for (const [domain, version] of OPSETS)
    model.message(8, new MessageWriter().text(1, domain).int(2, version));
  for (const [key, value] of Object.entries(graph.metadata))
    model.message(14, new MessageWriter().text(1, key).text(2, value));
  return model.finish();
}

function nodeMessage({ op, domain, inputs, output, attributes = {} }: GraphNode): MessageWriter {
  const message = new MessageWriter();
  for (const input of inputs) message.text(1, input);
  message.text(2, output).text(3, output).text(4, op);
  for (const [name, value] of Object.entries(attributes)) message.message(5, attributeMessage(name, value));
  return domain === undefined ? message : message.text(7, domain);
}

/** Field 20 names the type of the value. */
function attributeMessage(name: string, value: Attribute): MessageWriter {
  const message = new MessageWriter().text(1, name);
  if ('int' in value) return message.int(3, value.int).int(20, 2);
  if ('text' in value) return message.text(4, value.text).int(20, 3);
  if ('floats' in value) return message.floats(7, value.floats).int(20, 6);
  if ('ints' in value) return message.ints(8, value.ints).int(20, 7);
  for (const text of value.texts) message.text(9, text);
  return message.int(20, 8);
}

function tensorMessage({ name, dims, values }: Tensor): MessageWriter {
  return new MessageWriter().ints(1, dims).int(2, FLOAT).text(8, name).bytes(9, floatBytes(values));
}

function valueMessage(name: string, width: number): MessageWriter {
  const rows = new MessageWriter().text(2, 'rows');
  const columns = new MessageWriter().int(1, width);
  const shape = new MessageWriter().message(1, rows).message(1, columns);
  const tensor = new MessageWriter().int(1, FLOAT).message(2, shape);
  return new MessageWriter().text(1, name).message(2, new MessageWriter().message(1, tensor));
}

/** What a reader needs back of a file that `writeGraph` wrote. */
export interface ReadGraph {
  readonly metadata: Readonly<Record<string, string>>;
  tensor(name: string): Float32Array;
  /** Attributes of the node that gives this output. */
  ints(output: string, attribute: string): number[];
  floats(output: string, attribute: string): Float32Array;
}

/** Throws where the bytes are no such file. */
export function readGraph(bytes: Uint8Array): ReadGraph {
  const model = readMessage(bytes);
  const graph = readMessage(bytesOf(model, 7));
  const tensors = new Map(
    messagesOf(graph, 5).map((tensor) => [textOf(tensor, 8), floatsIn(bytesOf(tensor, 9))]),
  );
  const nodes = new Map(messagesOf(graph, 1).map((node) => [textOf(node, 2), attributesOf(node)]));
  const attribute = (output: string, name: string): Message => {
    const found = nodes.get(output)?.get(name);
    if (found === undefined) throw new RangeError(`the model has no ${name} for ${output}`);
    return found;
  };
  return {
    metadata: Object.fromEntries(messagesOf(model, 14).map((entry) => [textOf(entry, 1), textOf(entry, 2)])),
    tensor: (name) => {
      const found = tensors.get(name);
      if (found === undefined) throw new RangeError(`the model has no weights ${name}`);
      return found;
    },
    ints: (output, name) => intsIn(bytesOf(attribute(output, name), 8)),
    floats: (output, name) => floatsIn(bytesOf(attribute(output, name), 7)),
  };
}

const attributesOf = (node: Message): ReadonlyMap<string, Message> =>
  new Map(messagesOf(node, 5).map((attribute) => [textOf(attribute, 1), attribute]));

function messagesOf(message: Message, field: number): readonly Message[] {
  return (message.get(field) ?? []).map((value) => readMessage(value as Uint8Array));
}

function bytesOf(message: Message, field: number): Uint8Array {
  const value = message.get(field)?.[0];
  if (!(value instanceof Uint8Array)) throw new RangeError(`the model lacks field ${field}`);
  return value;
}

const textOf = (message: Message, field: number): string =>
  Buffer.from(bytesOf(message, field)).toString('utf8');

/** Numbers that belong to a model and not to its graph go into its metadata. */
export const packed = (values: Iterable<number>): string =>
  Buffer.from(floatBytes(values)).toString('base64');

export function unpacked(text: string | undefined): Float32Array {
  if (text === undefined) throw new RangeError('the model lacks some of its metadata');
  return floatsIn(Buffer.from(text, 'base64'));
}
