/** What adds up to a score, as stretches laid end to end: what clicks say, what the text says, the chance for the little known. */

export interface Part {
  name: string;
  /** Where it begins: the end of the part before, 0 for a sum. */
  from: number;
  to: number;
  isSum: boolean;
}

interface ScoreFigures {
  score: number;
  attractiveness: number | null;
  contentAttractiveness: number | null;
  contentWeight: number | null;
  optimism: number | null;
}

/** memory + content + optimism = score. The memory's part is what content leaves of the attractiveness, so that the limits of 0.0001 and 0.999 do not break the sum. */
export function scorePartsOf({ score, attractiveness, contentAttractiveness, contentWeight, optimism }: ScoreFigures): readonly Part[] {
  const content = (contentWeight ?? 0) * (contentAttractiveness ?? 0);
  return withSum('score', score, [
    ['memory', (attractiveness ?? 0) - content],
    ['content', content],
    ['optimism', optimism ?? 0],
  ]);
}

/** The intercept and the features, in logits; their sum is what the content model goes by. */
export function contentPartsOf(contributions: readonly { feature: string; contribution: number }[]): readonly Part[] {
  const sum = contributions.reduce((total, { contribution }) => total + contribution, 0);
  return withSum(
    'sum',
    sum,
    contributions.map(({ feature, contribution }): [string, number] => [feature, contribution]),
  );
}

function withSum(name: string, sum: number, terms: readonly [name: string, value: number][]): readonly Part[] {
  let end = 0;
  const parts = terms.map(([term, value]): Part => {
    const from = end;
    end += value;
    return { name: term, from, to: end, isSum: false };
  });
  return [...parts, { name, from: 0, to: sum, isSum: true }];
}
