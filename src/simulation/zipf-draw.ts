/** Which query comes next: a few are asked all the time, most seldom. */

/**
 * Draws ranks 0 … count − 1 with probability proportional to `1/(rank + 1)^exponent` (Zipf's law; about 1 for search
 * queries).
 *
 * Example: `const draw = zipfDraw(100, 1, random); queries[draw()]` → the first query in 19 % of draws.
 */
export function zipfDraw(count: number, exponent: number, random: () => number): () => number {
  if (!(count >= 1)) throw new RangeError(`cannot draw among ${count}`);
  const upTo = new Float64Array(count);
  let sum = 0;
  for (let rank = 0; rank < count; rank++) upTo[rank] = sum += (rank + 1) ** -exponent;
  return () => {
    const point = random() * sum;
    let low = 0;
    let high = count - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (upTo[middle]! > point) high = middle;
      else low = middle + 1;
    }
    return low;
  };
}
