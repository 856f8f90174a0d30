/**
 * Text of others in parts: what shows as it is, and what would not show, or would change how the rest is read (control
 * characters, and those of Unicode's categories Cf, Co, Cn and Cs: bidi marks, zero-width ones ...; see Unicode TR 36).
 */
export interface Part {
  readonly text: string;
  readonly odd: boolean;
}

const ODD = /[\p{Cc}\p{Cf}\p{Co}\p{Cn}\p{Cs}\u2028\u2029\u115f\u1160\u3164\uffa0]/u;
const ODD_RUN = /([\p{Cc}\p{Cf}\p{Co}\p{Cn}\p{Cs}\u2028\u2029\u115f\u1160\u3164\uffa0])/gu;
/** Of SQL, where these lay out the text. */
const LAYOUT = new Set(['\n', '\t', '\r\n']);

export interface VisibleOptions {
  /** Lines and tabs are kept as they are; otherwise a line break is odd, too. */
  readonly layout?: boolean;
}

export function visibleParts(text: string, { layout = false }: VisibleOptions = {}): readonly Part[] {
  if (!ODD.test(text)) return [{ text, odd: false }];
  return text
    .replaceAll('\r\n', '\n')
    .split(ODD_RUN)
    .filter((part) => part !== '')
    .map((part) =>
      ODD.test(part) && part.length <= 2 && !(layout && LAYOUT.has(part))
        ? { text: escaped(part), odd: true }
        : { text: part, odd: false },
    );
}

/** The same as one string, for titles, names that screen readers read out, and what is copied. */
export const visible = (text: string, options: VisibleOptions = {}): string =>
  visibleParts(text, options)
    .map((part) => part.text)
    .join('');

const NAMES: Readonly<Record<string, string>> = {
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\0': '\\0',
  '\u001b': '\\e',
};

function escaped(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  const hex = code.toString(16);
  return NAMES[character] ?? (code <= 0xff ? `\\x${hex.padStart(2, '0')}` : `\\u{${hex}}`);
}
