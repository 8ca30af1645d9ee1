/** Experiments: what interleaved searches prove about learning. */
import type { Pool } from 'pg';
import { lineageInForce, proofSince, type ProofSums } from '../database/proof-store.js';
import { proofFigures, type ProofFigures } from '../learning/proof.js';

export interface LearningProof {
  all: ProofFigures;
  /** Only searches about which the click memory knew almost nothing. */
  cold: ProofFigures;
  since: Date;
}

export class ExperimentsService {
  readonly #pool: Pool;

  constructor({ pool }: { pool: Pool }) {
    this.#pool = pool;
  }

  /**
   * Is learning better than the base ranker for users? From what training runs have counted, never from stored samples. Without `since`: since
   * what serves began to be learned (the newest activation that was no training's).
   */
  async proof(since: Date | null): Promise<LearningProof> {
    const { all, cold, since: from } = since === null ? await this.#lineage() : { ...(await proofSince(this.#pool, since)), since };
    return { all: proofFigures(all), cold: proofFigures(cold), since: from };
  }

  /** While nothing was ever activated there is nothing to compare: since now. */
  async #lineage(): Promise<ProofSums & { since: Date }> {
    const lineage = await lineageInForce(this.#pool);
    if (lineage.since !== null) return { ...lineage, since: lineage.since };
    const { rows } = await this.#pool.query<{ now: Date }>('select now()');
    return { ...lineage, since: rows[0]?.now ?? new Date() };
  }
}
