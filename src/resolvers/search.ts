/** Resolvers of the search column. */
import { FailedPreconditionError } from '../errors.js';
import type { Resolvers } from '../generated/graphql.js';

export const searchResolvers: Resolvers = {
  Query: {
    previewRanking: (_parent, request, { services }) => services.search.preview(request),
    explainRanking: () => {
      throw new FailedPreconditionError('explainRanking is not available yet.');
    },
  },
  Mutation: {
    search: (_parent, { input }, { services }) => services.search.search(input),
  },
  SearchResult: {
    ranker: ({ rankerId }) => ({ id: rankerId }),
  },
  RankingPreview: {
    ranker: ({ rankerId }) => ({ id: rankerId }),
  },
};
