/** Resolvers of the experiments column: the proof that learning helps, and rankers judged on stored clicks. */
import type { Resolvers } from '../generated/graphql.js';

export const experimentsResolvers: Resolvers = {
  Query: {
    learningProof: (_parent, { since }, { services }) => services.experiments.proof(since ?? null),
    evaluateRanker: (_parent, request, { services }) => services.evaluation.evaluate(request),
  },
  RankerEvaluation: {
    ranker: ({ rankerId }) => ({ id: rankerId }),
  },
};
