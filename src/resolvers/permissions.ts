/** Which key each field needs on a server that has keys: every root field is classed here, and what is not is for the admin key. */
import type { Mutation, Query, Subscription } from '../generated/graphql.js';

/** public: either key. admin: the admin key. */
export type Permission = 'public' | 'admin';

type FieldsOf<Root> = Record<Exclude<keyof Root, '__typename'>, Permission>;

/** A new field of the schema does not compile until it stands here; what is public says so in its description, too. */
export const ROOT_PERMISSIONS: { Query: FieldsOf<Query>; Mutation: FieldsOf<Mutation>; Subscription: FieldsOf<Subscription> } = {
  Query: {
    activations: 'admin',
    activeCheckpoint: 'admin',
    activeRanker: 'public',
    checkpoint: 'admin',
    checkpoints: 'admin',
    dataQuality: 'admin',
    document: 'public',
    documents: 'public',
    evaluateRanker: 'admin',
    explainRanking: 'admin',
    learningProof: 'admin',
    metricsHistory: 'admin',
    modelStorage: 'admin',
    rollbackTarget: 'admin',
    onlineLearningConfig: 'admin',
    previewRanking: 'public',
    sampleStats: 'admin',
    samples: 'admin',
    trainingRun: 'admin',
    trainingRuns: 'admin',
  },
  Mutation: {
    activateRanker: 'admin',
    archiveCheckpoint: 'admin',
    cancelTraining: 'admin',
    clearSamples: 'admin',
    deleteCheckpoints: 'admin',
    deleteDocuments: 'admin',
    deleteUserData: 'admin',
    importDocuments: 'admin',
    recordClick: 'public',
    recordClicks: 'public',
    reloadModel: 'admin',
    rollbackRanker: 'admin',
    search: 'public',
    trainModel: 'admin',
    updateOnlineLearningConfig: 'admin',
  },
  Subscription: {
    checkpointRemoved: 'admin',
    modelReloaded: 'admin',
    sampleStats: 'admin',
    trainingFinished: 'admin',
    trainingProgress: 'admin',
    trainingStarted: 'admin',
  },
};

/** A search says what ranked it, and that may be a checkpoint: pages learn its name, not its runs, figures and files. */
const PUBLIC_CHECKPOINT_FIELDS: ReadonlySet<string> = new Set(['id', 'name']);

/** What a field needs, whichever way a document comes to it. */
export function permissionOf(type: string, field: string): Permission {
  if (isRoot(type)) return Object.hasOwn(ROOT_PERMISSIONS[type], field) ? (ROOT_PERMISSIONS[type] as Record<string, Permission>)[field]! : 'admin';
  if (type === 'Checkpoint') return PUBLIC_CHECKPOINT_FIELDS.has(field) ? 'public' : 'admin';
  return 'public';
}

function isRoot(type: string): type is keyof typeof ROOT_PERMISSIONS {
  return type === 'Query' || type === 'Mutation' || type === 'Subscription';
}
