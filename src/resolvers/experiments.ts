/** Resolvers of the experiments column: the proof that learning helps, and rankers judged on stored clicks. */
import { FailedPreconditionError } from '../errors.js';
import type { Resolvers } from '../generated/graphql.js';

export const experimentsResolvers: Resolvers = {
  Query: {
    learningProof: (_parent, { since }, { services }) => services.experiments.proof(since ?? null),
    evaluateRanker: () => {
      throw new FailedPreconditionError('evaluateRanker is not available yet.');
    },
  },
};
