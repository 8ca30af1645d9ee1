/** The base ranker's formula: BM25F over title and body (Robertson, Zaragoza and Taylor 2004). */

/** How soon repetition of a word stops to count. */
const K1 = 2;

/** A word in the title counts as three in the body. */
const TITLE_WEIGHT = 3;

/** How far a long title makes its words count less. */
const TITLE_LENGTH_SHARE = 0.5;

/** How far a long body makes its words count less. */
const BODY_LENGTH_SHARE = 0.75;

/** idf = ln(1 + (N − n + .5)/(n + .5)): N documents, the word in title or body of n of them; always above 0. */
export function inverseDocumentFrequency(documents: number, containing: number): number {
  return Math.log(1 + (documents - containing + 0.5) / (containing + 0.5));
}

/** What one occurrence in a title of this length counts. Lengths are in stems; the average is over all documents. */
export function titleFactor(length: number, averageLength: number): number {
  return TITLE_WEIGHT / (1 - TITLE_LENGTH_SHARE + TITLE_LENGTH_SHARE * relative(length, averageLength));
}

/** What one occurrence in a body of this length counts. */
export function bodyFactor(length: number, averageLength: number): number {
  return 1 / (1 - BODY_LENGTH_SHARE + BODY_LENGTH_SHARE * relative(length, averageLength));
}

/** tf~·(k1 + 1)/(tf~ + k1), tf~ being occurrences times the factors above. */
export function saturated(frequency: number): number {
  return (frequency * (K1 + 1)) / (frequency + K1);
}

function relative(length: number, averageLength: number): number {
  return averageLength === 0 ? 0 : length / averageLength;
}
