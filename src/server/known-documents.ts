/** Documents read from their text and checked once: the same few come again with every socket. */
import { GraphQLError, parse, validate, type DocumentNode, type GraphQLSchema, type ValidationRule } from 'graphql';
import type { Limits } from '../limits.js';

/** With the next, what is bounded is the memory: whoever sends other documents all the time merely has each checked, as without this. */
const MOST_DOCUMENTS = 100;
const LONGEST_TEXT = 4_096;

export class KnownDocuments {
  readonly #schema: GraphQLSchema;
  readonly #rules: readonly ValidationRule[];
  readonly #limits: Limits;
  readonly #valid = new Map<string, DocumentNode>();

  constructor(schema: GraphQLSchema, rules: readonly ValidationRule[], limits: Limits) {
    this.#schema = schema;
    this.#rules = rules;
    this.#limits = limits;
  }

  /** The document, or what is wrong with it. */
  read(text: string): DocumentNode | GraphQLError[] {
    const known = this.#valid.get(text);
    if (known) return known;
    let document: DocumentNode;
    try {
      document = parse(text, { maxTokens: this.#limits.maxTokens });
    } catch (error) {
      return [requestError('GRAPHQL_PARSE_FAILED', error instanceof Error ? error.message : String(error), error)];
    }
    const faults = validate(this.#schema, document, this.#rules, { maxErrors: this.#limits.maxValidationErrors });
    if (faults.length > 0) return faults.map((fault) => requestError('GRAPHQL_VALIDATION_FAILED', fault.message, fault));
    if (text.length <= LONGEST_TEXT) this.#keep(text, document);
    return document;
  }

  #keep(text: string, document: DocumentNode): void {
    const [oldest] = this.#valid.keys();
    if (this.#valid.size >= MOST_DOCUMENTS && oldest !== undefined) this.#valid.delete(oldest);
    this.#valid.set(text, document);
  }
}

export function requestError(code: string, message: string, fault?: unknown): GraphQLError {
  const { nodes, source, positions } = fault instanceof GraphQLError ? fault : {};
  return new GraphQLError(message, { nodes, source, positions, extensions: { code } });
}
