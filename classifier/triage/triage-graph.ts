/**
 * The triage model as an ONNX graph and back, for each question:
 *
 *   features [rows, F]    -> Gemm ┐
 *   wording  [rows, 2048] -> Gemm ┴-> Add -> Softmax -> intent | risk | decision
 */
import { type Graph, type GraphNode, readGraph, type Tensor, writeGraph } from '../onnx/graph.ts';
import { FEATURES, type TriageInput, WORDING_SIZE } from './features.ts';
import {
  HEAD_NAMES,
  HEADS,
  type Head,
  type HeadWeights,
  type TriageModel,
  wordingScale,
} from './triage-model.ts';

export function writeTriageModel(model: TriageModel, metadata: Readonly<Record<string, string>>): Uint8Array {
  const graph: Graph = {
    name: 'triage',
    inputs: { features: FEATURES.length, wording: WORDING_SIZE },
    outputs: { intent: HEADS.intent.length, risk: HEADS.risk.length, decision: HEADS.decision.length },
    tensors: HEAD_NAMES.flatMap((head) => tensorsOf(head, model[head])),
    nodes: HEAD_NAMES.flatMap(nodesOf),
    metadata,
  };
  return writeGraph(graph);
}

function tensorsOf(head: Head, { concepts, wording, bias }: HeadWeights): readonly Tensor[] {
  const count = bias.length;
  return [
    { name: `${head}_concepts`, dims: [FEATURES.length, count], values: concepts },
    { name: `${head}_words`, dims: [WORDING_SIZE, count], values: wording },
    { name: `${head}_bias`, dims: [count], values: bias },
  ];
}

const nodesOf = (head: Head): readonly GraphNode[] => [
  { op: 'Gemm', inputs: ['features', `${head}_concepts`, `${head}_bias`], output: `${head}_by_concepts` },
  { op: 'MatMul', inputs: ['wording', `${head}_words`], output: `${head}_by_words` },
  { op: 'Add', inputs: [`${head}_by_concepts`, `${head}_by_words`], output: `${head}_margins` },
  { op: 'Softmax', inputs: [`${head}_margins`], output: head },
];

/** Throws where the bytes are no such model. */
export function readTriageModel(bytes: Uint8Array): TriageModel {
  const graph = readGraph(bytes);
  const head = (name: Head): HeadWeights => ({
    concepts: graph.tensor(`${name}_concepts`),
    wording: graph.tensor(`${name}_words`),
    bias: graph.tensor(`${name}_bias`),
  });
  return { intent: head('intent'), risk: head('risk'), decision: head('decision') };
}

/** The rows of the graph's inputs. */
export function triageFeeds(inputs: readonly TriageInput[]): {
  readonly features: Float32Array;
  readonly wording: Float32Array;
} {
  const features = new Float32Array(inputs.length * FEATURES.length);
  const wording = new Float32Array(inputs.length * WORDING_SIZE);
  inputs.forEach(({ row, bag }, index) => {
    features.set(row, index * FEATURES.length);
    for (const place of bag) wording[index * WORDING_SIZE + place] = wordingScale(bag);
  });
  return { features, wording };
}
