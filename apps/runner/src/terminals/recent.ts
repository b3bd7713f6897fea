/** The newest bytes of a stream, by their place in it: what a watcher who was away for a moment has missed. */
export class Recent {
  readonly #most: number;
  #pieces: Uint8Array[] = [];
  #bytes = 0;
  #end = 0;
  constructor(most: number) {
    this.#most = most;
  }

  get end(): number {
    return this.#end;
  }

  add(piece: Uint8Array): void {
    this.#pieces.push(piece);
    this.#bytes += piece.byteLength;
    this.#end += piece.byteLength;
    let over = 0;
    while (this.#bytes - this.#pieces[over]!.byteLength >= this.#most) this.#bytes -= this.#pieces[over++]!.byteLength;
    if (over > 0) this.#pieces = this.#pieces.slice(over);
  }

  /** Everything from `offset` on; null when it is not all here any more, or never was. */
  from(offset: number): Uint8Array | null {
    if (offset > this.#end || offset < this.#end - this.#bytes) return null;
    return Buffer.concat(this.#pieces).subarray(offset - (this.#end - this.#bytes));
  }
}
