/** Resolvers of the checkpoints column: rankers, checkpoints, what served when. */
import { NotFoundError } from '../errors.js';
import type { Checkpoint } from '../generated/prisma/client.js';
import type { Resolvers } from '../generated/graphql.js';
import type { CalibrationBin, ModelMetrics } from '../learning/metrics.js';
import { toConnection } from './connection.js';
import type { GraphQLContext } from './context.js';
import { ranker, type CheckpointParent } from './parents.js';
import { mapped } from './subscriptions.js';

const BASE = 'base';

/** The row behind a checkpoint known by its id; the database look-ups of one request are made together. */
async function rowOf(parent: CheckpointParent, { services }: GraphQLContext): Promise<Checkpoint> {
  if ('sha256' in parent) return parent;
  const row = await services.checkpoints.checkpoint(parent.id);
  if (!row) throw new NotFoundError(`Checkpoint ${parent.id} does not exist.`);
  return row;
}

export const checkpointsResolvers: Resolvers = {
  Query: {
    activeRanker: (_parent, _args, { services }) => ({ id: services.activeRanker.current.id }),
    activeCheckpoint: (_parent, _args, { services }) => checkpointOrNull(services.activeRanker.current.id),
    checkpoint: (_parent, { id }, { services }) => services.checkpoints.checkpoint(id),
    checkpoints: async (_parent, request, { services }) => toConnection(await services.checkpoints.checkpoints(request)),
    activations: async (_parent, request, { services }) => toConnection(await services.checkpoints.activations(request)),
    rollbackTarget: async (_parent, _args, { services }) => {
      const id = await services.checkpoints.rollbackTarget();
      return id === null ? null : { id };
    },
    modelStorage: (_parent, _args, { services }) => services.checkpoints.storage(),
  },
  Mutation: {
    activateRanker: async (_parent, { input }, { services }) => ({ activation: await services.checkpoints.activate(input.rankerId) }),
    rollbackRanker: async (_parent, { input }, { services }) => ({ activation: await services.checkpoints.rollback(input.reason ?? null) }),
    reloadModel: async (_parent, _args, { services }) => ({ activation: await services.checkpoints.reload() }),
    deleteCheckpoints: async (_parent, { input }, { services }) => ({ deleted: await services.checkpoints.delete(input) }),
    archiveCheckpoint: async (_parent, { input }, { services }) => ({ checkpoint: await services.checkpoints.archive(input.id) }),
  },
  Subscription: {
    modelReloaded: { subscribe: (_parent, _args, { bus }) => mapped(bus.stream('model.reloaded'), (modelReloaded) => ({ modelReloaded })) },
    checkpointRemoved: { subscribe: (_parent, _args, { bus }) => mapped(bus.stream('checkpoint.removed'), (checkpointRemoved) => ({ checkpointRemoved })) },
  },
  Ranker: {
    __resolveType: ({ id }) => (id === BASE ? 'BaseRanker' : 'Checkpoint'),
  },
  BaseRanker: {
    name: () => 'base ranker',
  },
  Checkpoint: {
    name: ({ id }) => id,
    mode: async (parent, _args, context) => (await rowOf(parent, context)).mode,
    number: async (parent, _args, context) => (await rowOf(parent, context)).number,
    modelType: async (parent, _args, context) => (await rowOf(parent, context)).modelType,
    status: async (parent, _args, context) => (await rowOf(parent, context)).status,
    active: ({ id }, _args, { services }) => services.activeRanker.current.id === id,
    path: async (parent, _args, context) => context.services.checkpoints.shownPath(await rowOf(parent, context)),
    bytes: async (parent, _args, context) => Number((await rowOf(parent, context)).bytes),
    sha256: async (parent, _args, context) => (await rowOf(parent, context)).sha256,
    createdAt: async (parent, _args, context) => (await rowOf(parent, context)).createdAt,
    parent: async (parent, _args, context) => ranker((await rowOf(parent, context)).parentId),
    trainingRun: async (parent, _args, context) => context.services.training.run((await rowOf(parent, context)).runId),
    metrics: async (parent, _args, context) => (await rowOf(parent, context)).metrics as ModelMetrics | null,
    liveMetrics: ({ id }, _args, { services }) => services.evaluation.liveMetrics(id),
    examination: async (parent, _args, context) => (await rowOf(parent, context)).examination,
    examinationIsPrior: async (parent, _args, context) => context.services.checkpoints.examinationIsPrior(await rowOf(parent, context)),
    calibrationBins: async (parent, _args, context) => (await rowOf(parent, context)).calibrationBins as unknown as CalibrationBin[],
    activations: async ({ id }, page, { services }) => toConnection(await services.checkpoints.activations({ ...page, rankerId: id })),
  },
  Activation: {
    id: ({ id }) => String(id),
    ranker: ({ rankerId }) => ({ id: rankerId }),
    previous: ({ previousId }) => ({ id: previousId }),
  },
  ModelReload: {
    ranker: ({ rankerId }) => ({ id: rankerId }),
    checkpoint: ({ rankerId }) => checkpointOrNull(rankerId),
    previous: ({ previousId }) => ({ id: previousId }),
  },
};

function checkpointOrNull(rankerId: string): CheckpointParent | null {
  return rankerId === BASE ? null : { id: rankerId };
}
