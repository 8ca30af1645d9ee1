/** Numbers for properties: sound ones and every kind of spoiled one. */
import fc from 'fast-check';

export const anyNumber: fc.Arbitrary<number> = fc.oneof(
  fc.double(),
  fc.integer(),
  fc.double({ min: 0, max: 1, noNaN: true }),
  fc.constantFrom(NaN, Infinity, -Infinity, 0, -0, 1, 1e308, -1e308, 5e-324),
);

/** Every number among its entries is finite. */
export function expectFinite(value: object): void {
  for (const [name, entry] of Object.entries(value)) {
    if (typeof entry === 'number' && !Number.isFinite(entry)) throw new Error(`${name} is ${entry}`);
  }
}
