/** The session model as an ONNX graph and back: steps [rows, S] -> Gemm -> log_odds -> Sigmoid -> score. */
import type { SessionModel } from '../session/session-model.ts';
import { packed, readGraph, unpacked, writeGraph } from './graph.ts';

export function writeSessionModel(
  model: SessionModel,
  metadata: Readonly<Record<string, string>>,
): Uint8Array {
  const { steps, leak, drift, most, calibration } = model;
  return writeGraph({
    name: 'session',
    inputs: { steps: steps.weights.length },
    outputs: { log_odds: 1, score: 1 },
    tensors: [
      { name: 'weights', dims: [steps.weights.length, 1], values: steps.weights },
      { name: 'bias', dims: [1], values: Float32Array.of(steps.bias) },
    ],
    nodes: [
      { op: 'Gemm', inputs: ['steps', 'weights', 'bias'], output: 'log_odds' },
      { op: 'Sigmoid', inputs: ['log_odds'], output: 'score' },
    ],
    metadata: {
      ...metadata,
      usual: packed(model.usual),
      accumulation: packed([leak, drift, most]),
      calibration: packed([calibration.weights[0] as number, calibration.bias]),
    },
  });
}

/** Throws where the bytes are no such model. */
export function readSessionModel(bytes: Uint8Array): SessionModel {
  const graph = readGraph(bytes);
  const [leak, drift, most] = unpacked(graph.metadata.accumulation) as unknown as [number, number, number];
  const [weight, bias] = unpacked(graph.metadata.calibration) as unknown as [number, number];
  return {
    steps: { weights: graph.tensor('weights'), bias: graph.tensor('bias')[0] as number },
    usual: unpacked(graph.metadata.usual),
    leak,
    drift,
    most,
    calibration: { weights: Float32Array.of(weight), bias },
  };
}
