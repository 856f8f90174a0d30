/** `postern session show` and `replay`. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Config } from '../server/config.ts';
import { SessionLines, sessionText } from './session-lines.ts';
import { knownSession, statementsOf, withTrail } from './session-trail.ts';

/** ms of a pause as it was, before it is made shorter or longer. */
const LONGEST_PAUSE = 3_000;

export async function showSession(config: Config, id: string, json: boolean): Promise<void> {
  await withTrail(config, async (trail) => {
    const session = await knownSession(trail, id);
    if (json) return console.log(JSON.stringify(session));
    console.log(`${sessionText(session)}\n`);
    const lines = new SessionLines(session.since);
    for await (const each of statementsOf(trail, id)) console.log(lines.lines(each).join('\n'));
  });
}

export interface Replay {
  /** One statement a line, as the events stand in the trail. */
  readonly json: boolean;
  /** Infinity: without pauses. */
  readonly speed: number;
}

export async function replaySession(config: Config, id: string, { json, speed }: Replay): Promise<void> {
  await withTrail(config, async (trail) => {
    const session = await knownSession(trail, id);
    if (!json) console.log(`${sessionText(session)}\n`);
    const lines = new SessionLines(session.since);
    let before = Date.parse(session.since);
    for await (const each of statementsOf(trail, id)) {
      const at = Date.parse(each.statement.at);
      const pause = Math.min(Math.max(0, at - before), LONGEST_PAUSE) / speed;
      if (pause >= 1) await sleep(pause);
      before = at;
      console.log(json ? JSON.stringify(each) : lines.lines(each).join('\n'));
    }
    if (!json && session.state === 'ended')
      console.log(`       ended: ${session.endReason ?? 'its end was never written'}`);
  });
}
