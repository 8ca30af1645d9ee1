/** Resolvers of the samples column. */
import type { Resolvers } from '../generated/graphql.js';
import { toConnection } from './connection.js';
import { mapped, startingWith } from './subscriptions.js';

export const samplesResolvers: Resolvers = {
  Query: {
    sampleStats: (_parent, _args, { services }) => services.samples.stats(),
    dataQuality: (_parent, _args, { services }) => services.samples.dataQuality(),
    samples: async (_parent, request, { services }) => toConnection(await services.samples.samples(request)),
  },
  Mutation: {
    clearSamples: async (_parent, { input }, { services }) => ({ deleted: await services.samples.clear(input.confirm) }),
  },
  Subscription: {
    sampleStats: {
      // Only the newest counts matter to a slow reader.
      subscribe: (_parent, _args, { services, bus }) =>
        startingWith(
          async () => ({ sampleStats: await services.samples.stats() }),
          mapped(bus.stream('samples.changed', 1), (sampleStats) => ({ sampleStats })),
          (change, first) => change.sampleStats.updatedAt >= first.sampleStats.updatedAt,
        ),
    },
  },
  Sample: {
    id: ({ searchId, position }) => `${searchId}:${position}`,
    document: ({ documentId }, _args, { services }) => services.catalog.document(documentId),
    clicked: ({ clickCount }) => clickCount > 0,
    features: (sample, _args, { services }) => services.samples.namedFeatures(sample),
  },
};
