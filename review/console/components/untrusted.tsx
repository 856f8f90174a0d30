import { visible, visibleParts } from '../text/visible.ts';

interface UntrustedProps {
  readonly text: string;
  /** At most this many characters; all of it is in the title then. */
  readonly most?: number;
}

/** What others have written, on one line, with what would not show made visible. */
export function Untrusted({ text, most = 300 }: UntrustedProps) {
  const cut = text.length > most;
  return (
    <bdi title={cut ? visible(text.slice(0, 2_000)) : undefined}>
      <VisibleText text={cut ? text.slice(0, most) : text} />
      {cut && '…'}
    </bdi>
  );
}

/** The same, without an element of its own. */
export function VisibleText({ text, layout = false }: { readonly text: string; readonly layout?: boolean }) {
  return (
    <>
      {visibleParts(text, { layout }).map((part, index) =>
        part.odd ? (
          <span key={index} class="odd-character">
            {part.text}
          </span>
        ) : (
          part.text
        ),
      )}
    </>
  );
}
