import { useEffect } from 'preact/hooks';
import { Icon } from '../components/icon.tsx';
import { leaveWhenOutdated, lookBuild, outdated } from '../state/build.ts';
import { connection } from '../state/stream.ts';

/** Postern was updated while this page was open. Nothing is taken from somebody who is typing: the next link loads it anew. */
export function OutdatedBanner() {
  const state = connection.value;
  useEffect(() => {
    if (state === 'open') void lookBuild();
  }, [state]);
  useEffect(leaveWhenOutdated, []);
  if (!outdated.value) return null;
  return (
    <div class="notice" role="status">
      <Icon name="clock" />
      <div>
        <strong>Postern has been updated.</strong> This page is of before; the next one that you open is new.
      </div>
      <button type="button" class="button" onClick={() => location.reload()}>
        Load it again
      </button>
    </div>
  );
}
