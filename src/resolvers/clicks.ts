/** Resolvers of the clicks column. */
import type { Resolvers } from '../generated/graphql.js';

export const clicksResolvers: Resolvers = {
  Mutation: {
    recordClick: (_parent, { input }, { services }) => services.clicks.record(input),
    recordClicks: (_parent, { input }, { services }) => services.clicks.recordMany(input.clicks),
    deleteUserData: async (_parent, { input }, { services }) => ({ searches: await services.clicks.deleteUserData(input.userId) }),
  },
  RecordClickPayload: {
    sample: (click, _args, { services }) => services.clicks.clickedSample(click),
    sampleStats: (_parent, _args, { services }) => services.samples.stats(),
  },
};
