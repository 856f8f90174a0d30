/** The session model as an ONNX graph and back: steps [rows, S] -> Gemm -> log_odds -> Sigmoid -> score. */
import type { SessionModel } from '../session/session-model.ts';
import { readGraph, writeGraph } from './graph.ts';

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
      { name: 'usual', dims: [model.usual.length], values: model.usual },
      { name: 'accumulation', dims: [3], values: Float32Array.of(leak, drift, most) },
      {
        name: 'calibration',
        dims: [2],
        values: Float32Array.of(calibration.weights[0] as number, calibration.bias),
      },
    ],
    nodes: [
      { op: 'Gemm', inputs: ['steps', 'weights', 'bias'], output: 'log_odds' },
      { op: 'Sigmoid', inputs: ['log_odds'], output: 'score' },
    ],
    metadata,
  });
}

/** Throws where the bytes are no such model. */
export function readSessionModel(bytes: Uint8Array): SessionModel {
  const graph = readGraph(bytes);
  const [leak, drift, most] = graph.tensor('accumulation') as unknown as [number, number, number];
  const [weight, bias] = graph.tensor('calibration') as unknown as [number, number];
  return {
    steps: { weights: graph.tensor('weights'), bias: graph.tensor('bias')[0] as number },
    usual: graph.tensor('usual'),
    leak,
    drift,
    most,
    calibration: { weights: Float32Array.of(weight), bias },
  };
}
