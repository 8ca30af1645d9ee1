/** Resolvers of the clicks column. */
import type { Resolvers } from '../generated/graphql.js';

export const clicksResolvers: Resolvers = {
  Mutation: {
    recordClick: async (_parent, { input }, { services, limit }) => {
      await limit('click');
      return services.clicks.record(input);
    },
    recordClicks: async (_parent, { input }, { services, limit }) => {
      await limit('click', input.clicks.length);
      return services.clicks.recordMany(input.clicks);
    },
    deleteUserData: async (_parent, { input }, { services }) => ({ searches: await services.clicks.deleteUserData(input.userId) }),
  },
  RecordClickPayload: {
    sample: (click, _args, { services }) => services.clicks.clickedSample(click),
    sampleStats: (_parent, _args, { services }) => services.samples.stats(),
  },
};
