/** What is to happen, ordered by time and then by when it was planned. */
export interface Planned {
  readonly at: number;
  readonly order: number;
  readonly act: () => void;
  /** Taken back: it does not happen. */
  off: boolean;
}

const before = (a: Planned, b: Planned): boolean => a.at < b.at || (a.at === b.at && a.order < b.order);

export class Queue {
  readonly #heap: Planned[] = [];
  #order = 0;

  plan(at: number, act: () => void): Planned {
    const planned: Planned = { at, order: (this.#order += 1), act, off: false };
    this.#heap.push(planned);
    this.#up(this.#heap.length - 1);
    return planned;
  }

  /** The next thing that happens, or null when nothing is planned. */
  next(): Planned | null {
    if (this.peek() === null) return null;
    const first = this.#heap[0]!;
    this.#drop();
    return first;
  }

  /** When the next thing happens. */
  peek(): number | null {
    while (this.#heap[0]?.off) this.#drop();
    return this.#heap[0]?.at ?? null;
  }
  #drop(): void {
    const last = this.#heap.pop()!;
    if (this.#heap.length === 0) return;
    this.#heap[0] = last;
    this.#down();
  }

  #up(from: number): void {
    let at = from;
    const moved = this.#heap[at]!;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!before(moved, this.#heap[parent]!)) break;
      this.#heap[at] = this.#heap[parent]!;
      at = parent;
    }
    this.#heap[at] = moved;
  }

  #down(): void {
    const heap = this.#heap;
    const moved = heap[0]!;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && before(heap[child + 1]!, heap[child]!)) child += 1;
      if (!before(heap[child]!, moved)) break;
      heap[at] = heap[child]!;
      at = child;
    }
    heap[at] = moved;
  }
}
