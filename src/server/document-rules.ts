/** Validation rules that bound what a document may cost: depth, aliases, directives, root fields of a mutation. */
import {
  type ASTNode,
  GraphQLError,
  Kind,
  OperationTypeNode,
  type FragmentDefinitionNode,
  type OperationDefinitionNode,
  type SelectionSetNode,
  type ValidationContext,
  type ValidationRule,
} from 'graphql';
import type { Limits } from '../limits.js';

/** What a selection costs, its fragments spread. */
interface Cost {
  depth: number;
  introspectionDepth: number;
  aliases: number;
  rootFields: number;
}

const NOTHING: Readonly<Cost> = { depth: 0, introspectionDepth: 0, aliases: 0, rootFields: 0 };

export function documentRules(limits: Limits): ValidationRule[] {
  return [
    (context) => {
      const measure = costMeter(context);
      return { OperationDefinition: (operation) => reportExcess(context, operation, measure(operation.selectionSet), limits) };
    },
    (context) => {
      let directives = 0;
      return {
        Directive: (node) => {
          directives += 1;
          if (directives === limits.maxDirectives + 1) report(context, `The document has more than ${limits.maxDirectives} directives.`, node);
        },
      };
    },
  ];
}

function reportExcess(context: ValidationContext, operation: OperationDefinitionNode, cost: Cost, limits: Limits): void {
  const tooMany = (what: string, found: number, allowed: number): void => {
    if (found > allowed) report(context, `The operation has ${what}: ${found}, but at most ${allowed} are allowed.`, operation);
  };
  tooMany('too many levels of fields', cost.depth, limits.maxDepth);
  tooMany('too many levels of introspection', cost.introspectionDepth, limits.maxIntrospectionDepth);
  tooMany('too many aliases', cost.aliases, limits.maxAliases);
  if (operation.operation === OperationTypeNode.MUTATION) tooMany('too many root fields', cost.rootFields, limits.maxMutationRootFields);
}

function report(context: ValidationContext, message: string, node: ASTNode): void {
  context.reportError(new GraphQLError(message, { nodes: node }));
}

/** Each fragment is measured once, so that spreading fragments in fragments costs no more than writing them. */
function costMeter(context: ValidationContext): (selectionSet: SelectionSetNode) => Cost {
  const known = new Map<string, Cost>();

  function ofFragment(fragment: FragmentDefinitionNode | null | undefined): Cost {
    if (!fragment) return NOTHING;
    const name = fragment.name.value;
    const measured = known.get(name);
    if (measured) return measured;
    // Stands while the fragment is being measured: a cycle counts once here, and has a rule of its own.
    known.set(name, NOTHING);
    const cost = ofSelections(fragment.selectionSet);
    known.set(name, cost);
    return cost;
  }

  function ofSelections(selectionSet: SelectionSetNode): Cost {
    const total: Cost = { ...NOTHING };
    for (const selection of selectionSet.selections) {
      if (selection.kind === Kind.FIELD) {
        const inner = selection.selectionSet ? ofSelections(selection.selectionSet) : NOTHING;
        const depth = 1 + Math.max(inner.depth, inner.introspectionDepth);
        const introspects = selection.name.value === '__schema' || selection.name.value === '__type';
        if (introspects) total.introspectionDepth = Math.max(total.introspectionDepth, depth);
        else total.depth = Math.max(total.depth, depth);
        total.aliases += inner.aliases + (selection.alias ? 1 : 0);
        total.rootFields += 1;
      } else {
        const inner = selection.kind === Kind.INLINE_FRAGMENT ? ofSelections(selection.selectionSet) : ofFragment(context.getFragment(selection.name.value));
        total.depth = Math.max(total.depth, inner.depth);
        total.introspectionDepth = Math.max(total.introspectionDepth, inner.introspectionDepth);
        total.aliases += inner.aliases;
        total.rootFields += inner.rootFields;
      }
    }
    return total;
  }

  return ofSelections;
}
