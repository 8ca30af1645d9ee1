/** What resolvers are given with each request: the services, and the bus that subscriptions listen to. */
import type { EventBus } from '../events.js';
import type { CatalogService } from '../services/catalog.js';
import type { CheckpointsService } from '../services/checkpoints.js';
import type { ClicksService } from '../services/clicks.js';
import type { EvaluationService } from '../services/evaluation.js';
import type { ExplanationService } from '../services/explanation.js';
import type { ExperimentsService } from '../services/experiments.js';
import type { LimitedAction } from '../services/rate-limits.js';
import type { SamplesService } from '../services/samples.js';
import type { SearchService } from '../services/search.js';
import type { SettingsService } from '../services/settings.js';
import type { TrainingService } from '../services/training.js';
import type { ActiveRanker } from '../services/active-ranker.js';

export interface Services {
  catalog: CatalogService;
  search: SearchService;
  explanation: ExplanationService;
  clicks: ClicksService;
  samples: SamplesService;
  training: TrainingService;
  checkpoints: CheckpointsService;
  settings: SettingsService;
  evaluation: EvaluationService;
  activeRanker: ActiveRanker;
  experiments: ExperimentsService;
}

export interface GraphQLContext {
  /** Also in the errors' extensions and in the log. */
  requestId: string;
  /** Where the request comes from; null when that says nothing about whom it is for. */
  address: string | null;
  /** Counts what a client does that is limited; rejects with RATE_LIMITED when it is too much. */
  limit: (action: LimitedAction, count?: number) => Promise<void>;
  services: Services;
  bus: EventBus;
}
