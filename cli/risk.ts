import { Command } from 'commander';
import { driftCommand } from './risk-drift.ts';
import { evalCommand } from './risk-eval.ts';
import { learnCommand } from './risk-learn.ts';
import { promoteCommand } from './risk-promote.ts';
import { replayCommand } from './risk-replay.ts';
import { scoreCommand } from './risk-score.ts';
import { trainCommand } from './risk-train.ts';
import { labelsCommand, verdictCommand } from './risk-verdict.ts';

/** `postern risk`: the model that tells the unusual from the usual. */
export function command(): Command {
  return new Command('risk')
    .description('score statements and sessions, train and measure the model')
    .addCommand(scoreCommand())
    .addCommand(replayCommand())
    .addCommand(trainCommand())
    .addCommand(evalCommand())
    .addCommand(learnCommand())
    .addCommand(driftCommand())
    .addCommand(promoteCommand())
    .addCommand(verdictCommand())
    .addCommand(labelsCommand());
}
