/** Resolvers of the training column. */
import type { ModelMetrics } from '../learning/metrics.js';
import type { Resolvers } from '../generated/graphql.js';
import { toConnection } from './connection.js';
import { ranker } from './parents.js';
import { mapped } from './subscriptions.js';

export const trainingResolvers: Resolvers = {
  Query: {
    trainingRun: (_parent, { id }, { services }) => services.training.run(id),
    trainingRuns: async (_parent, request, { services }) => toConnection(await services.training.runs(request)),
    metricsHistory: (_parent, request, { services }) => services.training.metricsHistory(request),
  },
  Mutation: {
    trainModel: async (_parent, { input }, { services }) => ({ run: await services.training.train(input) }),
    cancelTraining: async (_parent, { input }, { services }) => ({ run: await services.training.cancel(input.runId) }),
  },
  Subscription: {
    trainingStarted: { subscribe: (_parent, _args, { bus }) => mapped(bus.stream('training.started'), (trainingStarted) => ({ trainingStarted })) },
    trainingFinished: { subscribe: (_parent, _args, { bus }) => mapped(bus.stream('training.finished'), (trainingFinished) => ({ trainingFinished })) },
    trainingProgress: {
      subscribe: (_parent, { runId }, { bus }) =>
        mapped(bus.stream('training.progress'), (run) => (runId === null || runId === undefined || run.id === runId ? { trainingProgress: { run } } : null)),
    },
  },
  TrainingRun: {
    samples: ({ samples }) => Number(samples),
    newSamples: ({ newSamples }) => Number(newSamples),
    durationMs: ({ startedAt, finishedAt }) => (startedAt && finishedAt ? finishedAt.getTime() - startedAt.getTime() : null),
    parent: ({ parentId }) => ranker(parentId),
    checkpoint: ({ checkpointId }) => ranker(checkpointId),
    metrics: ({ metrics }) => metrics as ModelMetrics | null,
    servedMetrics: ({ servedMetrics }) => servedMetrics as ModelMetrics | null,
  },
  TrainingProgress: {
    progress: ({ run }) => run.progress,
    samplesDone: ({ run }) => Number(run.samplesDone),
    logLoss: ({ run }) => run.logLoss,
  },
};
