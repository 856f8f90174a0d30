import { setImmediate as turn } from 'node:timers/promises';
import anyTest, { type TestFn } from 'ava';
import { SpoolSource } from '../../../audit/spool-source.ts';
import { type Listener, LiveHub } from '../../../server/live/live-hub.ts';
import { LiveSessions } from '../../../server/live/live-sessions.ts';
import { temporary, written } from '../../audit/support.ts';

const test = anyTest as TestFn;

const listener: Listener = {
  topics: new Set(['statements']),
  event: async () => {},
  sessions: () => {},
  missed: () => {},
};

const nobody = new LiveSessions({
  registry: { list: async () => [] },
  shown: { open: async () => ({ sessions: [], counted: false }), counts: async () => new Map() },
});

// Each of these was a loop without a rest: the process stood still, and this test with it.
for (const [order, end] of Object.entries({
  'the source ends while it is followed': ({ source }: Ends) => source.close(),
  'somebody begins to listen after the end': async ({ source, hub }: Ends) => {
    hub.close();
    await source.close();
  },
}))
  test(`${order}: the process goes on`, async (t) => {
    const directory = temporary(t);
    await written(directory, 10);
    const source = new SpoolSource(directory);
    const warnings: string[] = [];
    const hub = new LiveHub({ source, sessions: nobody, warn: (message) => warnings.push(message) });
    hub.listen(listener);
    await turn();
    await end({ source, hub });
    hub.listen(listener);
    for (let turns = 0; turns < 10; turns++) await turn();
    t.deepEqual(warnings, []);
    hub.close();
  });

interface Ends {
  readonly source: SpoolSource;
  readonly hub: LiveHub;
}
