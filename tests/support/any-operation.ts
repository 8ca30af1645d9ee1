/** Operations that the schema allows with values that nobody would send: made from the schema's own types, by fast-check. */
import * as fc from 'fast-check';
import {
  getNamedType,
  isCompositeType,
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

const HOSTILE_TEXTS = [
  '', ' ', '\0', '\ud800', '__proto__', 'constructor', "'; drop table sample; --", '" or 1=1', '../../etc/passwd', '%00', '${7*7}', '{{7*7}}', 'a'.repeat(513), '٣', '🫠'.repeat(65), '-1', 'null', 'NaN', '1e400',
  'base', 'ctr_model_online_001', 'ctr_model_v1', 'red', 'heart', '019ab000-0000-7000-8000-000000000000', 'eyJhbGciOiJub25lIn0', '2026-01-01T00:00:00Z', '0000-00-00', '9999-12-31T23:59:59.999Z', '-000001-01-01T00:00:00Z',
];
const HOSTILE_NUMBERS = [0, -0, -1, 1, 10, 100, 101, 200, 201, 0.5, 1.5, 2 ** 31 - 1, 2 ** 31, -(2 ** 31), Number.MAX_SAFE_INTEGER, 2 ** 53, 1e308, -1e308, 1e-320];

export interface AnyOperation {
  query: string;
  variables: Record<string, unknown>;
}

/** Queries and mutations of one root field each, with any arguments in variables and any selection two levels deep. */
export function anyOperation(schema: GraphQLSchema): fc.Arbitrary<AnyOperation> {
  const roots = [OperationTypeNode.QUERY, OperationTypeNode.MUTATION].flatMap((kind) =>
    Object.values(schema.getRootType(kind)?.getFields() ?? {}).map((field) => ({ kind, field })),
  );
  return fc.constantFrom(...roots).chain(({ kind, field }) =>
    fc.tuple(argumentsOf(field), selectionOf(schema, getNamedType(field.type), 3)).map(([variables, selection]) => {
      const given = field.args.filter(({ name }) => name in variables);
      const declared = given.map(({ name, type }) => `$${name}: ${String(type)}`).join(', ');
      const passed = given.map(({ name }) => `${name}: $${name}`).join(', ');
      return { query: `${kind}${declared ? `(${declared})` : ''} { ${field.name}${passed ? `(${passed})` : ''}${selection} }`, variables };
    }),
  );
}

function argumentsOf(field: GraphQLField<unknown, unknown>): fc.Arbitrary<Record<string, unknown>> {
  const required = field.args.filter(({ type }) => isNonNullType(type)).map(({ name }) => name);
  return fc.record(Object.fromEntries(field.args.map(({ name, type }) => [name, anyValue(type, 3)])), { requiredKeys: required });
}

function anyValue(type: GraphQLInputType, depth: number): fc.Arbitrary<unknown> {
  if (isNonNullType(type)) return anyValue(type.ofType as GraphQLInputType, depth);
  if (isListType(type)) return fc.array(anyValue(type.ofType as GraphQLInputType, depth - 1), { maxLength: 3 });
  if (isEnumType(type)) return fc.constantFrom(...type.getValues().map(({ name }) => name));
  if (isInputObjectType(type)) {
    const fields = Object.values(type.getFields());
    const required = fields.filter((field) => isNonNullType(field.type)).map(({ name }) => name);
    return fc.record(Object.fromEntries(fields.map((field) => [field.name, anyValue(field.type, depth - 1)])), { requiredKeys: required });
  }
  const { name } = type as GraphQLNamedType;
  if (name === 'Boolean') return fc.boolean();
  const text = fc.oneof(fc.constantFrom(...HOSTILE_TEXTS), fc.string({ unit: 'binary', maxLength: 40 }));
  const number = fc.oneof(fc.constantFrom(...HOSTILE_NUMBERS), fc.double({ noNaN: true }));
  if (name === 'String' || name === 'ID') return text;
  if (name === 'Int' || name === 'Float' || name === 'SafeInt') return number;
  return fc.oneof(text, number, fc.jsonValue({ maxDepth: 2 }));
}

/** "" for leaves; else some of its fields, those with arguments without them. */
function selectionOf(schema: GraphQLSchema, type: GraphQLNamedType, depth: number): fc.Arbitrary<string> {
  if (!isCompositeType(type)) return fc.constant('');
  if (depth === 0 || !(isObjectType(type) || isInterfaceType(type))) return fc.constant(' { __typename }');
  const fields = Object.values(type.getFields()).filter(({ args }) => args.every(({ type: argument, defaultValue }) => !isNonNullType(argument) || defaultValue !== undefined));
  return fc
    .shuffledSubarray(fields, { minLength: Math.min(1, fields.length), maxLength: Math.min(4, fields.length) })
    .chain((some) => fc.tuple(...some.map((field) => selectionOf(schema, getNamedType(field.type), depth - 1).map((inner) => `${field.name}${inner}`))))
    .map((parts) => ` { ${(parts as string[]).join(' ')} __typename }`);
}
