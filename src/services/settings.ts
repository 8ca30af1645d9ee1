/** The settings operators change while the service runs: validated, versioned by revision, in force at once in every process. */
import type { Pool } from 'pg';
import { BadUserInputError, ConflictError } from '../errors.js';
import type { EventBus } from '../events.js';
import { updateSettings, type SettingsChanges } from '../database/settings-store.js';
import type { OnlineLearningConfig, PrismaClient } from '../generated/prisma/client.js';
import { checkInt, checkNumber } from './validation.js';

const SECONDS_PER_DAY = 86_400;
const PREFIX = /^[a-z0-9_]{1,64}$/;
/** Names that some file system or program treats specially, whatever follows. */
const RESERVED_PREFIX = /^(con|prn|aux|nul|com\d|lpt\d|__proto__|constructor|prototype)$/;

/** A field that is left out or null stays as it is. */
export type SettingsUpdate = { [Field in keyof SettingsChanges]: SettingsChanges[Field] | null } & { expectedRevision?: number | null };

export class SettingsService {
  readonly #prisma: PrismaClient;
  readonly #pool: Pool;
  readonly #bus: EventBus;
  readonly #announce: () => void;
  #current: OnlineLearningConfig | undefined;

  /** `announce` tells the other processes that the row has changed. */
  constructor({ prisma, pool, bus, announce }: { prisma: PrismaClient; pool: Pool; bus: EventBus; announce: () => void }) {
    this.#prisma = prisma;
    this.#pool = pool;
    this.#bus = bus;
    this.#announce = announce;
  }

  /** The settings as this process last read them: no database on a request's way. */
  get current(): OnlineLearningConfig {
    if (!this.#current) throw new Error('The settings were read before they were loaded.');
    return this.#current;
  }

  /** Reads the row; says so when its revision is new. */
  async refresh(): Promise<OnlineLearningConfig> {
    const stored = await this.#prisma.onlineLearningConfig.findUniqueOrThrow({ where: { id: 1 } });
    // A slower read that started earlier must not bring an old revision back.
    if (!this.#current || stored.revision > this.#current.revision) {
      const first = this.#current === undefined;
      this.#current = stored;
      if (!first) this.#bus.emit('settings.changed', stored);
    }
    return stored;
  }

  /** @throws BadUserInputError naming the field and its bounds; ConflictError when expectedRevision is stale */
  async update({ expectedRevision, ...given }: SettingsUpdate): Promise<OnlineLearningConfig> {
    const changes = withoutNulls(given);
    check(changes);
    if (expectedRevision !== null && expectedRevision !== undefined) checkInt('expectedRevision', expectedRevision, 0, 2_147_483_647);
    const updated = await updateSettings(this.#pool, changes, expectedRevision ?? null);
    const stored = await this.refresh();
    if (!updated) {
      throw new ConflictError(`The settings were changed meanwhile: revision ${stored.revision} is stored, ${expectedRevision} was expected. Read them again, then repeat the change.`, {
        field: 'expectedRevision',
        revision: stored.revision,
      });
    }
    this.#announce();
    return stored;
  }
}

function withoutNulls(given: Omit<SettingsUpdate, 'expectedRevision'>): SettingsChanges {
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== null && value !== undefined)) as SettingsChanges;
}

function check(changes: SettingsChanges): void {
  const { trainingThreshold, checkpointRetention, modelPrefix, attributionWindowSeconds, explorationRate, proofRate, minSecondsBetweenRuns, sampleRetentionDays } = changes;
  if (trainingThreshold !== undefined) checkInt('trainingThreshold', trainingThreshold, 1, 1_000_000);
  if (checkpointRetention !== undefined) checkInt('checkpointRetention', checkpointRetention, 1, 1_000);
  if (modelPrefix !== undefined && (!PREFIX.test(modelPrefix) || RESERVED_PREFIX.test(modelPrefix))) {
    throw new BadUserInputError('modelPrefix must match [a-z0-9_]{1,64} and not be a reserved name (con, nul, __proto__, …): it becomes a file name.', {
      field: 'modelPrefix',
      pattern: '[a-z0-9_]{1,64}',
    });
  }
  if (attributionWindowSeconds !== undefined) checkInt('attributionWindowSeconds', attributionWindowSeconds, 0, SECONDS_PER_DAY);
  if (explorationRate !== undefined) checkNumber('explorationRate', explorationRate, 0, 1);
  if (proofRate !== undefined) checkNumber('proofRate', proofRate, 0, 1);
  if (minSecondsBetweenRuns !== undefined) checkNumber('minSecondsBetweenRuns', minSecondsBetweenRuns, 0, SECONDS_PER_DAY);
  if (sampleRetentionDays !== undefined) checkInt('sampleRetentionDays', sampleRetentionDays, 0, 36_500);
}
