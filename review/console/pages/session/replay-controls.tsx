import { Icon } from '../../components/icon.tsx';
import { whole } from '../../text/quantities.ts';
import { type Replay, SPEEDS, type Speed } from './replay.ts';

export function ReplayControls({ replay }: { readonly replay: Replay }) {
  const { position, total, playing, speed } = replay;
  return (
    <div class="replay-controls" role="toolbar" aria-label="Replay">
      <button
        type="button"
        class="icon-button"
        aria-label="Statement before"
        disabled={position.value <= 1}
        onClick={() => replay.go(position.peek() - 1)}
      >
        <Icon name="previous" />
      </button>
      <button type="button" class="button play" onClick={() => replay.toggle()}>
        <Icon name={playing.value ? 'pause' : 'play'} />
        {playing.value ? 'Pause' : 'Play'}
      </button>
      <button
        type="button"
        class="icon-button"
        aria-label="Statement after"
        disabled={position.value >= total.value}
        onClick={() => replay.go(position.peek() + 1)}
      >
        <Icon name="next" />
      </button>
      <label class="speed">
        <span class="visually-hidden">Speed</span>
        <select
          value={speed.value}
          onChange={(event) => replay.setSpeed(Number(event.currentTarget.value) as Speed)}
        >
          {SPEEDS.map((each) => (
            <option key={each} value={each}>
              {each}×
            </option>
          ))}
        </select>
      </label>
      <span class="position number">
        {whole(position.value)} <span class="second">of {whole(total.value)}</span>
      </span>
    </div>
  );
}
