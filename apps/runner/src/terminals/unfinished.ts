/**
 * Follows output and knows how many of its last bytes belong to something that is not whole yet: an escape sequence or a character. A screen drawn from what came
 * before them, and then these bytes again, is the screen as it is: until they are whole they change nothing.
 */
const ESC = 0x1b;
type Within = 'ground' | 'escape' | 'sequence' | 'string' | 'string escape' | 'character';
/** A string (a title, a picture) longer than this is taken as it stands. */
const HELD_AT_MOST = 65_536;

export class Unfinished {
  #within: Within = 'ground';
  #held = 0;
  #charactersLeft = 0;

  /** Bytes at the end that are not whole. */
  get held(): number {
    return this.#held;
  }

  add(bytes: Uint8Array): void {
    for (const byte of bytes) this.#step(byte);
    if (this.#held > HELD_AT_MOST) this.#held = 0;
  }

  #step(byte: number): void {
    this.#within = this.#next(byte);
    this.#held = this.#within === 'ground' ? 0 : this.#held + 1;
  }

  #next(byte: number): Within {
    // A cancel ends anything; an escape begins anew, also in the middle.
    if (byte === 0x18 || byte === 0x1a) return 'ground';
    switch (this.#within) {
      case 'ground':
        return this.#begin(byte);
      case 'character':
        if ((byte & 0xc0) !== 0x80) return this.#begin(byte);
        this.#charactersLeft -= 1;
        return this.#charactersLeft > 0 ? 'character' : 'ground';
      case 'escape':
        return afterEscape(byte);
      case 'sequence':
        if (byte === ESC) return 'escape';
        return byte >= 0x40 && byte <= 0x7e ? 'ground' : 'sequence';
      case 'string':
        if (byte === ESC) return 'string escape';
        return byte === 0x07 ? 'ground' : 'string';
      case 'string escape':
        return byte === 0x5c ? 'ground' : afterEscape(byte);
    }
  }

  #begin(byte: number): Within {
    if (byte === ESC) return 'escape';
    this.#charactersLeft = byte >= 0xf0 && byte < 0xf8 ? 3 : byte >= 0xe0 ? 2 : 1;
    return byte >= 0xc2 && byte < 0xf5 ? 'character' : 'ground';
  }
}

function afterEscape(byte: number): Within {
  if (byte === ESC) return 'escape';
  // CSI; then DCS, SOS, OSC, PM and APC, which hold text up to their end; intermediates wait for a last byte.
  if (byte === 0x5b) return 'sequence';
  if ([0x50, 0x58, 0x5d, 0x5e, 0x5f].includes(byte)) return 'string';
  return byte >= 0x20 && byte <= 0x2f ? 'escape' : 'ground';
}
