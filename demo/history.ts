/** A series that stays short however long it gets: the whole way from the first value to the newest, ever more coarsely. */

const MOST_POINTS = 24;

export class History {
  #points: number[] = [];
  /** Values for each point kept. */
  #stride = 1;
  #seen = 0;
  #newest: number | null = null;

  add(value: number): void {
    if (this.#seen++ % this.#stride === 0) this.#points.push(value);
    this.#newest = value;
    if (this.#points.length <= MOST_POINTS) return;
    this.#points = this.#points.filter((_, place) => place % 2 === 0);
    this.#stride *= 2;
  }

  get first(): number | null {
    return this.#points[0] ?? null;
  }

  get newest(): number | null {
    return this.#newest;
  }

  /** Oldest first; the last is always the newest value. */
  get points(): readonly number[] {
    const isKept = (this.#seen - 1) % this.#stride === 0;
    return this.#newest === null || isKept ? this.#points : [...this.#points, this.#newest];
  }
}
