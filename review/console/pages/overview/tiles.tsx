import type { ComponentChildren } from 'preact';
import type { Overview } from '../../api/answers.ts';
import { percent, whole } from '../../text/quantities.ts';

/** The numbers that somebody wants first. */
export function Tiles({ overview }: { readonly overview: Overview }) {
  const { tallies, alarms, sessions } = overview;
  const counts = tallies.reduce(
    (sum, { decisions: { allow, observe, hold, deny } }) => ({
      all: sum.all + allow + observe + hold + deny,
      denied: sum.denied + deny,
      held: sum.held + hold,
    }),
    { all: 0, denied: 0, held: 0 },
  );
  const judged = alarms.true + alarms.false;
  return (
    <dl class="tiles">
      <Tile name="Sessions open now" value={whole(sessions.open)}>
        <a href="/">Who is connected</a>
      </Tile>
      <Tile name="Statements" value={whole(counts.all)}>
        {counts.held === 0 ? 'none was held' : `${whole(counts.held)} held`}
      </Tile>
      <Tile name="Denied" value={whole(counts.denied)}>
        {counts.all === 0 ? 'of none' : `${percent(counts.denied / counts.all)} of all`}
      </Tile>
      <Tile name="Alarms" value={whole(alarms.raised)}>
        {judged === 0 ? 'none was judged' : `${whole(judged)} judged`}
      </Tile>
      <Tile name="True alarms" value={alarms.rate === null ? '–' : percent(alarms.rate)}>
        {alarms.rate === null
          ? 'of those that are judged'
          : `${whole(alarms.true)} of ${whole(judged)} judged`}
      </Tile>
    </dl>
  );
}

interface TileProps {
  readonly name: string;
  readonly value: string;
  readonly children: ComponentChildren;
}

function Tile({ name, value, children }: TileProps) {
  return (
    <div class="tile">
      <dt>{name}</dt>
      <dd class="tile-value number">{value}</dd>
      <dd class="second number">{children}</dd>
    </div>
  );
}
