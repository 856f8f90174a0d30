import { useSignal } from '@preact/signals';
import { Icon } from './icon.tsx';
import { tell } from './toasts.tsx';

interface CopyButtonProps {
  readonly text: string;
  /** What it copies. */
  readonly label: string;
}

/** Into the clipboard, where the browser lets pages (over TLS, or of this machine). */
export function CopyButton({ text, label }: CopyButtonProps) {
  const copied = useSignal(false);
  const copy = (): void => {
    const copying = navigator.clipboard?.writeText(text) ?? Promise.reject(new Error('no clipboard'));
    copying.then(
      () => {
        copied.value = true;
      },
      () => tell('The browser does not let this page copy: select the text and copy it', 'bad'),
    );
  };
  return (
    <button type="button" class="button small" onClick={copy}>
      <Icon name={copied.value ? 'allow' : 'copy'} /> {copied.value ? 'Copied' : label}
    </button>
  );
}
