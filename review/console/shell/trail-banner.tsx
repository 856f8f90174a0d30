import type { ComponentChildren } from 'preact';
import { useEffect } from 'preact/hooks';
import { Icon } from '../components/icon.tsx';
import { followTrailHealth, trailHealth } from '../state/trail-health.ts';
import { duration } from '../text/durations.ts';
import { whole } from '../text/quantities.ts';

/** What is wrong with the trail, on every page, for as long as it is. */
export function TrailBanner() {
  useEffect(followTrailHealth, []);
  const health = trailHealth.value;
  if (health === null) return null;
  if (!health.spool.writable)
    return (
      <Notice title="The audit trail can not be written">
        statements are refused until it can. The disk of {health.node} may be full.
      </Notice>
    );
  if (health.store === null || health.store.reachable) return null;
  const { behind, behindSeconds } = health.store;
  return (
    <Notice title="The audit store does not answer">
      {behind === 0
        ? 'it has all that there is by now. '
        : `${whole(behind)} ${behind === 1 ? 'event waits' : 'events wait'} for it${
            typeof behindSeconds === 'number' ? `, the first for ${duration(behindSeconds * 1000)}` : ''
          }. `}
      Nothing is lost: sessions go on, and the spool keeps what they do.
    </Notice>
  );
}

function Notice({ title, children }: { readonly title: string; readonly children: ComponentChildren }) {
  return (
    <div class="notice" data-tone="bad" role="alert">
      <Icon name="warning" />
      <div>
        <strong>{title}:</strong> {children}
      </div>
      <a class="button" href="/trail?view=whole">
        Look at the trail
      </a>
    </div>
  );
}
