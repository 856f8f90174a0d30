/** Letters and digits that nobody takes for another. */
const LETTERS = 'abcdefghjkmnpqrstuvwxyz23456789';
const LENGTH = 20;

/** By the browser's random numbers: some 98 bits, in groups that can be read out. */
export function freshPassword(): string {
  const letters: string[] = [];
  while (letters.length < LENGTH)
    for (const byte of crypto.getRandomValues(new Uint8Array(LENGTH)))
      if (byte < 256 - (256 % LETTERS.length) && letters.length < LENGTH)
        letters.push(LETTERS[byte % LETTERS.length]!);
  return [0, 5, 10, 15].map((from) => letters.slice(from, from + 5).join('')).join('-');
}
