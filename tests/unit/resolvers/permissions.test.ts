/** Which key each field needs: that every field is classed, says so, and lets nobody around it. */
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from '@jest/globals';
import { getNamedType, isAbstractType, isInterfaceType, isObjectType, type GraphQLNamedType } from 'graphql';
import { permissionOf, ROOT_PERMISSIONS } from '../../../src/resolvers/permissions.js';
import { createSchema } from '../../../src/resolvers/schema.js';

const schema = createSchema({ sdlDir: fileURLToPath(new URL('../../../src/schema', import.meta.url)), translate: (error) => error });

describe.each(['Query', 'Mutation', 'Subscription'] as const)('of %s', (root) => {
  const type = schema.getType(root);
  const fields = isObjectType(type) ? Object.values(type.getFields()) : [];

  test('every field is classed, and nothing else', () => {
    expect(fields.length).toBeGreaterThan(5);
    expect(Object.keys(ROOT_PERMISSIONS[root]).sort()).toEqual(fields.map(({ name }) => name).sort());
  });

  test('those that a public key may use say so in their description, and no others', () => {
    const marked = fields.filter(({ description }) => description?.includes('[public]')).map(({ name }) => name);
    expect(fields.filter(({ name }) => permissionOf(root, name) === 'public').map(({ name }) => name)).toEqual(marked);
  });
});

test('the contract: what a public key may do', () => {
  const open = (root: 'Query' | 'Mutation' | 'Subscription'): string[] => Object.keys(ROOT_PERMISSIONS[root]).filter((field) => permissionOf(root, field) === 'public');
  expect({ Query: open('Query'), Mutation: open('Mutation'), Subscription: open('Subscription') }).toEqual({
    Query: ['activeRanker', 'document', 'documents', 'previewRanking'],
    Mutation: ['recordClick', 'recordClicks', 'search'],
    Subscription: [],
  });
});

test('a field that nobody has classed is for the admin key', () => {
  expect(permissionOf('Query', 'addedTomorrow')).toBe('admin');
  expect(permissionOf('Query', 'constructor')).toBe('admin');
});

test('from what is public one comes to no other types than these', () => {
  const reached = new Set<string>();
  const reach = (type: GraphQLNamedType): void => {
    if (reached.has(type.name)) return;
    if (!isObjectType(type) && !isInterfaceType(type)) return;
    reached.add(type.name);
    if (isAbstractType(type)) for (const possible of schema.getPossibleTypes(type)) reach(possible);
    for (const field of Object.values(type.getFields())) if (permissionOf(type.name, field.name) === 'public') reach(getNamedType(field.type));
  };
  for (const root of ['Query', 'Mutation', 'Subscription']) reach(schema.getType(root)!);
  const publicTypes = ['Document', 'DocumentConnection', 'DocumentEdge', 'PageInfo', 'RankingPreview', 'RecordClickPayload', 'RecordClicksPayload', 'RowError', 'Sample', 'SampleStats', 'SearchHit', 'SearchResult'];
  expect([...reached].sort()).toEqual(['BaseRanker', 'Checkpoint', 'Mutation', 'Query', 'Ranker', 'Subscription', ...publicTypes].sort());
});
