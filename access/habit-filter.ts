/**
 * A Bloom filter: which of many things have been seen, in bounded space. It may take a new thing for a seen one (half
 * full: 1 in 128), never the other way round.
 */
export const FILTER_BITS = 2 ** 17;

/** With more bits set nothing is learned any more: about 13,000 things. */
export const MOST_BITS = FILTER_BITS / 2;

/** No honest writer gets this far: with more bits set the filter is not believed. */
const SPOILT_BITS = 0.6 * FILTER_BITS;

const HASHES = 7;

/** Where a thing stands in every filter: the offsets of its bits, as Redis' SETBIT counts them. */
export type HabitMark = Uint32Array;

/** From at least 8 bytes that look random and are the same for the same thing. */
export function markFrom(digest: Buffer): HabitMark {
  const first = digest.readUInt32LE(0);
  const step = digest.readUInt32LE(4) | 1;
  return Uint32Array.from({ length: HASHES }, (_, i) => (first + i * (step >>> 0)) % FILTER_BITS);
}

export class HabitFilter {
  readonly #bytes = new Uint8Array(FILTER_BITS / 8);
  /** More bits are set than honest writers would: it says nothing. */
  readonly spoilt: boolean;

  /** `bytes`: a string of Redis; null: there is none. */
  constructor(bytes: Uint8Array | null) {
    if (bytes !== null) this.#bytes.set(bytes.subarray(0, this.#bytes.length));
    this.spoilt = bitsIn(this.#bytes) > SPOILT_BITS;
  }

  has(mark: HabitMark): boolean {
    if (this.spoilt) return false;
    for (const bit of mark) if (((this.#bytes[bit >> 3] as number) & (0x80 >> (bit & 7))) === 0) return false;
    return true;
  }

  add(mark: HabitMark): void {
    for (const bit of mark) this.#bytes[bit >> 3]! |= 0x80 >> (bit & 7);
  }
}

function bitsIn(bytes: Uint8Array): number {
  let bits = 0;
  for (let byte of bytes) for (; byte !== 0; byte &= byte - 1) bits++;
  return bits;
}
