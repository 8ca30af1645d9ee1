/** The executable schema: every SDL file and every column's resolvers; a field without a resolver where one is needed fails at start. */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { DateTimeResolver, JSONObjectResolver, SafeIntResolver } from 'graphql-scalars';
import { concatAST, isIntrospectionType, isObjectType, parse, type GraphQLFieldResolver, type GraphQLSchema } from 'graphql';
import { makeExecutableSchema } from '@graphql-tools/schema';
import type { Resolvers } from '../generated/graphql.js';
import { catalogResolvers } from './catalog.js';
import { checkpointsResolvers } from './checkpoints.js';
import { clicksResolvers } from './clicks.js';
import { experimentsResolvers } from './experiments.js';
import { samplesResolvers } from './samples.js';
import { searchResolvers } from './search.js';
import { settingsResolvers } from './settings.js';
import { trainingResolvers } from './training.js';

const columns: Resolvers[] = [
  catalogResolvers,
  searchResolvers,
  clicksResolvers,
  samplesResolvers,
  trainingResolvers,
  checkpointsResolvers,
  settingsResolvers,
  experimentsResolvers,
];

export interface SchemaOptions {
  /** Holds the *.graphql files. */
  sdlDir: string;
  /** What a client should be told of an error that a service let through: the same error, or a domain error in its place. */
  translate: (error: unknown) => unknown;
}

export function createSchema({ sdlDir, translate }: SchemaOptions): GraphQLSchema {
  const files = readdirSync(sdlDir).filter((name) => name.endsWith('.graphql'));
  const typeDefs = concatAST(files.sort().map((name) => parse(readFileSync(path.join(sdlDir, name), 'utf8'))));
  const scalars = { DateTime: DateTimeResolver, JSONObject: JSONObjectResolver, SafeInt: SafeIntResolver };
  const schema = makeExecutableSchema({ typeDefs, resolvers: [...columns, scalars] });
  for (const type of Object.values(schema.getTypeMap())) {
    if (!isObjectType(type) || isIntrospectionType(type)) continue;
    for (const field of Object.values(type.getFields())) {
      if (field.resolve) field.resolve = translated(field.resolve, translate);
      if (field.subscribe) field.subscribe = translated(field.subscribe, translate);
    }
  }
  return schema;
}

/** The resolver, its errors (thrown or rejected) translated. */
function translated(resolve: GraphQLFieldResolver<unknown, unknown>, translate: (error: unknown) => unknown): GraphQLFieldResolver<unknown, unknown> {
  return (...args) => {
    try {
      const result: unknown = resolve(...args);
      if (!isPromiseLike(result)) return result;
      return result.then(undefined, (error: unknown) => {
        throw translate(error);
      });
    } catch (error) {
      throw translate(error);
    }
  };
}

/** Prisma's promises, and those of other realms, are no instances of Promise. */
function isPromiseLike(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function';
}
