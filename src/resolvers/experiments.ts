/** Resolvers of the experiments column: the proof that learning helps, and rankers judged on stored clicks. */
import { FailedPreconditionError } from '../errors.js';
import type { Resolvers } from '../generated/graphql.js';

export const experimentsResolvers: Resolvers = {
  Query: {
    learningProof: () => {
      throw new FailedPreconditionError('learningProof is not available yet.');
    },
    evaluateRanker: (_parent, request, { services }) => services.evaluation.evaluate(request),
  },
  RankerEvaluation: {
    ranker: ({ rankerId }) => ({ id: rankerId }),
  },
};
