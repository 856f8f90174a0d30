/**
 * The session model: log-odds of each statement in the light of its session, and how they add up. Evidence is a leaky sum
 * that never goes below nothing (CUSUM, Page 1954): one odd statement fades, several add up, and a long harmless session
 * earns no credit for later.
 */
import type { Linear } from '../model/linear.ts';

export interface SessionModel {
  /** Log-odds of a step from its features. */
  readonly steps: Linear;
  /** What is usual of steps of harmless sessions: the median of each feature. */
  readonly usual: Float32Array;
  /** The share of the evidence that is left after one more statement. */
  readonly leak: number;
  /** Added to the log-odds of each step. */
  readonly drift: number;
  /** The most that one step adds. */
  readonly most: number;
  /** From evidence to calibrated log-odds of a session. */
  readonly calibration: Linear;
}

export function stepLogOdds({ steps: { weights, bias } }: SessionModel, row: Float32Array): number {
  let sum = bias;
  for (let at = 0; at < weights.length; at++) sum += (weights[at] as number) * (row[at] as number);
  return sum;
}

export function accumulate(model: SessionModel, evidence: number, logOdds: number): number {
  return Math.max(0, model.leak * evidence + Math.min(model.most, logOdds + model.drift));
}

/** A session's calibrated log-odds by its evidence. */
export const sessionLogOdds = ({ calibration }: SessionModel, evidence: number): number =>
  calibration.bias + (calibration.weights[0] as number) * evidence;
