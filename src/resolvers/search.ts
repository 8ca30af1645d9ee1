/** Resolvers of the search column. */
import type { Resolvers } from '../generated/graphql.js';

export const searchResolvers: Resolvers = {
  Query: {
    previewRanking: async (_parent, request, { services, limit }) => {
      await limit('search');
      return services.search.preview(request);
    },
    explainRanking: (_parent, request, { services }) => services.explanation.explain(request),
  },
  Mutation: {
    search: async (_parent, { input }, { services, limit, address }) => {
      await limit('search');
      return services.search.search(input, address);
    },
  },
  SearchResult: {
    ranker: ({ rankerId }) => ({ id: rankerId }),
  },
  RankingPreview: {
    ranker: ({ rankerId }) => ({ id: rankerId }),
  },
  RankingExplanation: {
    ranker: ({ rankerId }) => ({ id: rankerId }),
    attractiveness: ({ learned }) => learned?.attractiveness ?? null,
    contentAttractiveness: ({ learned }) => learned?.contentAttractiveness ?? null,
    memoryWeight: ({ learned }) => learned?.memoryWeight ?? null,
    contentWeight: ({ learned }) => learned?.contentWeight ?? null,
    optimism: ({ learned }) => learned?.optimism ?? null,
    contributions: ({ learned }) => learned?.contributions ?? [],
  },
};
