/** Resolvers of the catalogue column. */
import type { Resolvers } from '../generated/graphql.js';
import { toConnection } from './connection.js';

export const catalogResolvers: Resolvers = {
  Query: {
    document: (_parent, { id }, { services }) => services.catalog.document(id),
    documents: async (_parent, page, { services }) => toConnection(await services.catalog.documents(page)),
  },
  Mutation: {
    importDocuments: (_parent, { input }, { services }) => services.catalog.importDocuments(input.documents),
    deleteDocuments: async (_parent, { input }, { services }) => ({ deleted: await services.catalog.deleteDocuments(input.ids) }),
  },
  Document: {
    attributes: ({ attributes }) => attributes as Record<string, unknown>,
    impressions: ({ impressions }) => Number(impressions),
    clicks: ({ clicks }) => Number(clicks),
  },
};
