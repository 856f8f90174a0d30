/**
 * The statement model as an ONNX graph and back:
 *
 *   features [rows, F] -> TreeEnsembleRegressor -> Gemm ┐
 *   wording  [rows, 4096] -> Gemm -> Mul ───────────────┴-> Add -> log_odds -> Sigmoid -> score
 *
 * `wording` has 1/sqrt(n) at each of the n places that a text fills.
 */
import { BAG_SIZE } from '../features/bag.ts';
import { scaleOf } from '../model/linear.ts';
import type { StatementInput, StatementModel } from '../model/statement-model.ts';
import { averageInner, type Trees } from '../model/trees.ts';
import {
  type Attribute,
  type Graph,
  type GraphNode,
  packed,
  type ReadGraph,
  readGraph,
  unpacked,
  writeGraph,
} from './graph.ts';

export function writeStatementModel(
  model: StatementModel,
  metadata: Readonly<Record<string, string>>,
): Uint8Array {
  const { stack, bag, trees } = model;
  const graph: Graph = {
    name: 'statement',
    inputs: { features: model.usual.length, wording: BAG_SIZE },
    outputs: { log_odds: 1, score: 1 },
    tensors: [
      { name: 'bag_weights', dims: [BAG_SIZE, 1], values: bag.weights },
      { name: 'bag_bias', dims: [1], values: Float32Array.of(bag.bias) },
      { name: 'stack_trees', dims: [1, 1], values: stack.weights.slice(0, 1) },
      { name: 'stack_bag', dims: [1, 1], values: stack.weights.slice(1, 2) },
      { name: 'stack_bias', dims: [1], values: Float32Array.of(stack.bias) },
    ],
    nodes: [
      treesNode(trees),
      { op: 'Gemm', inputs: ['wording', 'bag_weights', 'bag_bias'], output: 'bag_margin' },
      { op: 'Gemm', inputs: ['trees_margin', 'stack_trees', 'stack_bias'], output: 'by_trees' },
      { op: 'Mul', inputs: ['bag_margin', 'stack_bag'], output: 'by_bag' },
      { op: 'Add', inputs: ['by_trees', 'by_bag'], output: 'log_odds' },
      { op: 'Sigmoid', inputs: ['log_odds'], output: 'score' },
    ],
    metadata: { ...metadata, usual: packed(model.usual), usual_bag: packed([model.usualBag]) },
  };
  return writeGraph(graph);
}

export interface ReadStatementModel {
  readonly model: StatementModel;
  readonly metadata: Readonly<Record<string, string>>;
}

/** Throws where the bytes are no such model. */
export function readStatementModel(bytes: Uint8Array): ReadStatementModel {
  const graph = readGraph(bytes);
  const first = (name: string): number => graph.tensor(name)[0] as number;
  return {
    model: {
      trees: readTrees(graph),
      bag: { weights: graph.tensor('bag_weights'), bias: first('bag_bias') },
      stack: {
        weights: Float32Array.of(first('stack_trees'), first('stack_bag')),
        bias: first('stack_bias'),
      },
      usual: unpacked(graph.metadata.usual),
      usualBag: unpacked(graph.metadata.usual_bag)[0] as number,
    },
    metadata: graph.metadata,
  };
}

/** The rows of the graph's inputs. */
export function statementFeeds(inputs: readonly StatementInput[]): {
  readonly features: Float32Array;
  readonly wording: Float32Array;
} {
  const width = inputs[0]?.row.length ?? 0;
  const features = new Float32Array(inputs.length * width);
  const wording = new Float32Array(inputs.length * BAG_SIZE);
  inputs.forEach(({ row, bag }, index) => {
    features.set(row, index * width);
    for (const place of bag) wording[index * BAG_SIZE + place] = scaleOf(bag);
  });
  return { features, wording };
}

/** Node numbers are global here and start anew in each tree there. */
function treesNode({ roots, feature, threshold, left, value, cover }: Trees): GraphNode {
  const tree = treeNumbers(roots, feature.length);
  const own = (node: number) => node - (roots[tree[node] as number] as number);
  const nodes = Array.from(feature, (_, node) => node);
  const inner = (node: number) => (feature[node] as number) >= 0;
  const leaves = nodes.filter((node) => !inner(node));
  const attributes: Readonly<Record<string, Attribute>> = {
    n_targets: { int: 1 },
    aggregate_function: { text: 'SUM' },
    post_transform: { text: 'NONE' },
    nodes_treeids: { ints: nodes.map((node) => tree[node] as number) },
    nodes_nodeids: { ints: nodes.map(own) },
    nodes_featureids: { ints: nodes.map((node) => Math.max(0, feature[node] as number)) },
    nodes_modes: { texts: nodes.map((node) => (inner(node) ? 'BRANCH_LEQ' : 'LEAF')) },
    nodes_values: { floats: threshold },
    nodes_truenodeids: { ints: nodes.map((node) => (inner(node) ? own(left[node] as number) : 0)) },
    nodes_falsenodeids: { ints: nodes.map((node) => (inner(node) ? own((left[node] as number) + 1) : 0)) },
    nodes_hitrates: { floats: cover },
    target_treeids: { ints: leaves.map((node) => tree[node] as number) },
    target_nodeids: { ints: leaves.map(own) },
    target_ids: { ints: leaves.map(() => 0) },
    target_weights: { floats: leaves.map((node) => value[node] as number) },
  };
  return {
    op: 'TreeEnsembleRegressor',
    domain: 'ai.onnx.ml',
    inputs: ['features'],
    output: 'trees_margin',
    attributes,
  };
}

function treeNumbers(roots: Int32Array, nodes: number): Int32Array {
  const numbers = new Int32Array(nodes);
  roots.forEach((root, tree) => {
    numbers.fill(tree, root, roots[tree + 1] ?? nodes);
  });
  return numbers;
}

function readTrees(graph: ReadGraph): Trees {
  const ints = (name: string) => graph.ints('trees_margin', name);
  const trees = ints('nodes_treeids');
  const roots = trees.flatMap((tree, node) => (node === 0 || tree !== trees[node - 1] ? [node] : []));
  const children = ints('nodes_truenodeids');
  const left = Int32Array.from(children, (child, node) =>
    child === 0 ? -1 : child + (roots[trees[node] as number] as number),
  );
  const features = ints('nodes_featureids');
  const cover = graph.floats('trees_margin', 'nodes_hitrates');
  const value = new Float32Array(trees.length);
  const weights = graph.floats('trees_margin', 'target_weights');
  let leaf = 0;
  left.forEach((child, node) => {
    if (child < 0) value[node] = weights[leaf++] as number;
  });
  averageInner(left, value, cover);
  return {
    roots: Int32Array.from(roots),
    feature: Int16Array.from(features, (feature, node) => ((left[node] as number) < 0 ? -1 : feature)),
    threshold: graph.floats('trees_margin', 'nodes_values'),
    left,
    value,
    cover,
  };
}
