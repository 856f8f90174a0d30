import type { ComponentChildren } from 'preact';
import { CopyButton } from '../../components/copy-button.tsx';

interface SecretOnceProps {
  readonly secret: string;
  readonly label: string;
  readonly close: () => void;
  /** What to do with it. */
  readonly children: ComponentChildren;
}

/** Shown this once: it is kept nowhere. */
export function SecretOnce({ secret, label, close, children }: SecretOnceProps) {
  return (
    <>
      <p>{children}</p>
      <output class="command" aria-label={label}>
        {secret}
      </output>
      <p class="second">It is shown only now.</p>
      <div class="dialog-buttons">
        <CopyButton text={secret} label="Copy it" />
        <button type="button" class="button primary" onClick={close}>
          Done
        </button>
      </div>
    </>
  );
}
