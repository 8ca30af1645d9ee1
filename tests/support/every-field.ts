/** An operation for each field of the schema that needs a key of its own: found by walking the schema, so that a new field is among them. */
import {
  getNamedType,
  isAbstractType,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isListType,
  isNonNullType,
  isObjectType,
  OperationTypeNode,
  type GraphQLField,
  type GraphQLInputType,
  type GraphQLNamedType,
  type GraphQLSchema,
} from 'graphql';
import { permissionOf, type Permission } from '../../src/resolvers/permissions.js';

export interface FieldOperation {
  /** `Query.samples`, `Checkpoint.path`. */
  field: string;
  kind: OperationTypeNode;
  permission: Permission;
  query: string;
}

/** Every root field; and of the types that a public key can come to, every field that it may not use. */
export function everyField(schema: GraphQLSchema): FieldOperation[] {
  const found = new Map<string, FieldOperation>();
  for (const kind of Object.values(OperationTypeNode)) {
    const root = schema.getRootType(kind);
    if (!root) continue;
    for (const field of Object.values(root.getFields())) {
      const permission = permissionOf(root.name, field.name);
      const call = `${field.name}${argumentsOf(field)}`;
      const type = getNamedType(field.type);
      const add = (name: string, needs: Permission, selection: string): void => {
        if (!found.has(name)) found.set(name, { field: name, kind, permission: needs, query: `${kind} { ${call}${selection} }` });
      };
      add(`${root.name}.${field.name}`, permission, isLeaf(type) ? '' : ' { __typename }');
      if (permission === 'public') walk(schema, type, (selection) => ` { ${selection} }`, new Set(), add);
    }
  }
  return [...found.values()];
}

/** Adds the fields of a type that are not public, and goes on through those that are. */
function walk(schema: GraphQLSchema, type: GraphQLNamedType, wrap: (selection: string) => string, seen: Set<string>, add: (field: string, needs: Permission, selection: string) => void): void {
  if (seen.has(type.name)) return;
  seen.add(type.name);
  if (isAbstractType(type)) for (const possible of schema.getPossibleTypes(type)) walk(schema, possible, (selection) => wrap(`... on ${possible.name} { ${selection} }`), seen, add);
  if (!isObjectType(type) && !isInterfaceType(type)) return;
  for (const field of Object.values(type.getFields())) {
    const inner = getNamedType(field.type);
    const call = `${field.name}${argumentsOf(field)}`;
    if (permissionOf(type.name, field.name) === 'admin') add(`${type.name}.${field.name}`, 'admin', wrap(isLeaf(inner) ? call : `${call} { __typename }`));
    else walk(schema, inner, (selection) => wrap(`${call} { ${selection} }`), seen, add);
  }
}

function isLeaf(type: GraphQLNamedType): boolean {
  return !isObjectType(type) && !isAbstractType(type);
}

/** "" or what it needs, in values that are allowed. */
function argumentsOf(field: GraphQLField<unknown, unknown>): string {
  const needed = field.args.filter(({ type, defaultValue }) => isNonNullType(type) && defaultValue === undefined);
  return needed.length === 0 ? '' : `(${needed.map(({ name, type }) => `${name}: ${valueOf(type)}`).join(', ')})`;
}

function valueOf(type: GraphQLInputType): string {
  if (isNonNullType(type)) return valueOf(type.ofType as GraphQLInputType);
  if (isListType(type)) return `[${valueOf(type.ofType as GraphQLInputType)}]`;
  if (isEnumType(type)) return type.getValues()[0]!.name;
  if (isInputObjectType(type)) {
    const needed = Object.values(type.getFields()).filter((field) => isNonNullType(field.type) && field.defaultValue === undefined);
    return `{ ${needed.map((field) => `${field.name}: ${valueOf(field.type)}`).join(', ')} }`;
  }
  const value = VALUES[(type as GraphQLNamedType).name];
  if (value === undefined) throw new Error(`Say what a value of ${String(type)} looks like.`);
  return value;
}

const VALUES: Record<string, string> = { ID: '"x"', String: '"x"', Int: '1', Float: '0.5', Boolean: 'false', SafeInt: '1', DateTime: '"2026-01-01T00:00:00Z"', JSONObject: '{}' };
