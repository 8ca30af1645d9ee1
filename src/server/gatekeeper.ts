/** Access keys: whose a key is, and whether that suffices for an operation; the same over HTTP and WebSocket. */
import { createHash, timingSafeEqual } from 'node:crypto';
import {
  getNamedType,
  isCompositeType,
  isInterfaceType,
  isObjectType,
  Kind,
  type DocumentNode,
  type FragmentDefinitionNode,
  type GraphQLNamedType,
  type GraphQLSchema,
  type OperationDefinitionNode,
  type SelectionSetNode,
} from 'graphql';
import { ForbiddenError, UnauthenticatedError } from '../errors.js';

export interface AccessKeys {
  /** Each may do everything. */
  admin: readonly string[];
  /** Each may do what is public: for pages, where anybody can read them. */
  public: readonly string[];
}

/** What a client has shown: an admin's key, a public one, one that is not known here, or none. On a server without keys everybody is admin. */
export type Role = 'admin' | 'public' | 'unknown' | 'none';

export class Gatekeeper {
  readonly #admin: readonly Buffer[];
  readonly #public: readonly Buffer[];
  readonly #schema: GraphQLSchema;
  readonly #permissionOf: (type: string, field: string) => 'public' | 'admin';

  constructor(keys: AccessKeys, schema: GraphQLSchema, permissionOf: (type: string, field: string) => 'public' | 'admin') {
    this.#admin = keys.admin.map(digestOf);
    this.#public = keys.public.map(digestOf);
    this.#schema = schema;
    this.#permissionOf = permissionOf;
  }

  get hasKeys(): boolean {
    return this.#admin.length + this.#public.length > 0;
  }

  /** @param authorization "Bearer KEY", from the header or a socket's connectionParams */
  roleOf(authorization: unknown): Role {
    if (!this.hasKeys) return 'admin';
    if (authorization === undefined || authorization === null || authorization === '') return 'none';
    const key = typeof authorization === 'string' ? /^bearer +(\S+) *$/i.exec(authorization)?.[1] : undefined;
    if (key === undefined) return 'unknown';
    const digest = digestOf(key);
    if (isAmong(digest, this.#admin)) return 'admin';
    return isAmong(digest, this.#public) ? 'public' : 'unknown';
  }

  /** Throws unless the role may run the operation. Introspection and __typename are free: they tell what the source code tells. */
  check(role: Role, document: DocumentNode, operation: OperationDefinitionNode): void {
    if (role === 'admin') return;
    const fields = this.#fieldsOf(document, operation);
    if (fields.length === 0) return;
    if (role === 'none') throw new UnauthenticatedError('This server needs a key: send the header "Authorization: Bearer KEY", over WebSocket { authorization: "Bearer KEY" } in the connection\'s parameters.');
    if (role === 'unknown') throw new UnauthenticatedError('This key is not known here. It is sent as "Authorization: Bearer KEY".');
    const refused = fields.find(({ type, field }) => this.#permissionOf(type, field) === 'admin');
    if (refused) throw new ForbiddenError(`${refused.type}.${refused.field} needs an admin key; this one is public.`, { field: refused.field });
  }

  /** Every field the operation asks for, fragments spread, but those of introspection. */
  #fieldsOf(document: DocumentNode, operation: OperationDefinitionNode): { type: string; field: string }[] {
    const fragments = new Map<string, FragmentDefinitionNode>();
    for (const definition of document.definitions) if (definition.kind === Kind.FRAGMENT_DEFINITION) fragments.set(definition.name.value, definition);
    const fields: { type: string; field: string }[] = [];
    const spread = new Set<string>();
    const walk = (selectionSet: SelectionSetNode, type: GraphQLNamedType | null | undefined): void => {
      for (const selection of selectionSet.selections) {
        if (selection.kind === Kind.FIELD) {
          const field = selection.name.value;
          if (field.startsWith('__')) continue;
          fields.push({ type: type?.name ?? '', field });
          const definition = isObjectType(type) || isInterfaceType(type) ? type.getFields()[field] : undefined;
          if (selection.selectionSet) walk(selection.selectionSet, definition && getNamedType(definition.type));
        } else if (selection.kind === Kind.INLINE_FRAGMENT) {
          walk(selection.selectionSet, this.#conditionOf(selection.typeCondition?.name.value) ?? type);
        } else if (!spread.has(selection.name.value)) {
          spread.add(selection.name.value);
          const fragment = fragments.get(selection.name.value);
          if (fragment) walk(fragment.selectionSet, this.#conditionOf(fragment.typeCondition.name.value));
        }
      }
    };
    walk(operation.selectionSet, this.#schema.getRootType(operation.operation));
    return fields;
  }

  #conditionOf(name: string | undefined): GraphQLNamedType | undefined {
    const type = name === undefined ? undefined : this.#schema.getType(name);
    return isCompositeType(type) ? type : undefined;
  }
}

/** Of one length whatever the key's, as a comparison in constant time needs. */
function digestOf(key: string): Buffer {
  return createHash('sha256').update(key).digest();
}

/** Compares with all of them, so that the time tells nothing of which one it was. */
function isAmong(digest: Buffer, digests: readonly Buffer[]): boolean {
  let found = false;
  for (const candidate of digests) if (timingSafeEqual(digest, candidate)) found = true;
  return found;
}
