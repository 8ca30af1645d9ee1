/** Resolvers of the settings column. */
import type { Resolvers } from '../generated/graphql.js';

export const settingsResolvers: Resolvers = {
  Query: {
    onlineLearningConfig: (_parent, _args, { services }) => services.settings.refresh(),
  },
  Mutation: {
    updateOnlineLearningConfig: async (_parent, { input }, { services }) => ({ config: await services.settings.update(input) }),
  },
};
