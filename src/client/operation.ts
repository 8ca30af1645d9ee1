/** An operation of the API, as `npm run generate` or a user of `request` writes it: its text, and the types of what goes in and comes out. */

/**
 * A query, mutation or subscription.
 *
 * @example
 * const Stats: Operation<{ sampleStats: { total: number } }, Record<string, never>> = { name: 'Stats', text: 'query Stats { sampleStats { total } }' };
 */
export interface Operation<Result, Variables> {
  /** As in the text. */
  name: string;
  text: string;
  /** Types only; never there. */
  types?: (variables: Variables) => Result;
}
