/** Every character is seen as what it is: none steers the terminal, or hides, or turns the rest around. */
export function visibleText(text: string): string {
  return text.replace(/\p{C}|\p{Zl}|\p{Zp}|\p{Default_Ignorable_Code_Point}/gu, escaped);
}

const escaped = (character: string): string =>
  character === '\n' ? '\\n' : `\\u{${(character.codePointAt(0) as number).toString(16)}}`;
