/** Numbers for strings, given out again once a string is no longer used. */
import type { IndexState } from './index-snapshot.js';

export class TermDictionary {
  private readonly numbers = new Map<string, number>();
  private terms: string[] = [];
  private unused: number[] = [];

  /** Numbers run from 0 to below this; some may be unused. */
  get capacity(): number {
    return this.terms.length;
  }

  find(term: string): number | undefined {
    return this.numbers.get(term);
  }

  /** The term of a number in use. */
  term(number: number): string {
    return this.terms[number]!;
  }

  /** The term's number, a new one if it has none. */
  number(term: string): number {
    const known = this.numbers.get(term);
    if (known !== undefined) return known;
    const number = this.unused.pop() ?? this.terms.length;
    this.terms[number] = term;
    this.numbers.set(term, number);
    return number;
  }

  /** The number may be given to another term from now on. */
  release(number: number): void {
    const term = this.terms[number]!;
    if (this.numbers.get(term) !== number) return;
    this.numbers.delete(term);
    this.terms[number] = '';
    this.unused.push(number);
  }

  /** Writes all terms into a state, under this name. */
  save({ rest }: IndexState, name: string): void {
    rest[name] = { terms: this.terms, unused: this.unused };
  }

  /** Takes over what `save` has written. */
  load({ rest }: IndexState, name: string): void {
    ({ terms: this.terms, unused: this.unused } = rest[name] as { terms: string[]; unused: number[] });
    const unused = new Set(this.unused);
    this.numbers.clear();
    this.terms.forEach((term, number) => unused.has(number) || this.numbers.set(term, number));
  }
}
