import { Icon } from '../../components/icon.tsx';
import { Untrusted } from '../../components/untrusted.tsx';

/** Records whose signature is wrong: somebody wrote to Redis. They let nobody in. */
export function Tampered({ names }: { readonly names: readonly string[] }) {
  if (names.length === 0) return null;
  return (
    <div class="notice" data-tone="bad" role="alert">
      <Icon name="warning" />
      <div>
        <strong>Records in Redis were tampered with, and count for nothing:</strong>{' '}
        <Untrusted text={names.join(', ')} most={400} />
      </div>
    </div>
  );
}
