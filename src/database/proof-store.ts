/** SQL of the proof on users: what interleaved searches came to, counted once by the run that sealed them and summed by lineage. */
import type { Pool, PoolClient } from 'pg';
import { comparisonOf, type Team } from '../learning/interleaving.js';
import { coldAlarmAfter, isColdAlarm, withComparison, type ProofCounts } from '../learning/proof.js';
import { EVERY_ID } from './id-range.js';
import type { SealedRange } from './sealing.js';

export interface ProofSums {
  all: ProofCounts;
  /** Only searches about which the click memory knew almost nothing. */
  cold: ProofCounts;
}

/** What served since an activation that was no training's: that one, and all that was learned on from it. */
export interface Lineage extends ProofSums {
  /** The activation with which it began; 0: nothing was ever activated. */
  activationId: number;
  /** When it began; null: nothing was ever activated. */
  since: Date | null;
  /** The alarm on cold searches as it stands. */
  coldAlarm: number;
}

interface CountsRow {
  wins: number;
  losses: number;
  ties: number;
  cold_wins: number;
  cold_losses: number;
  cold_ties: number;
}

interface InterleavedRow {
  activation_id: number;
  shown_at: Date;
  cold: boolean;
  teams: Team[];
  clicked: boolean[];
}

const NONE: ProofCounts = { wins: 0, losses: 0, ties: 0 };

// A list belongs to the lineage that was in force when it was shown, whichever is in force by now. Labels are those at the sealing: late clicks
// do not count, nor do capped searches. By the index on learn_seq, the samples' primary key and activation_lineage_idx, newest first; of the days that hold what was sealed ($3, $4).
const INTERLEAVED = `
select coalesce(
    (select id from activation where reason <> 'TRAINED' and at <= s.shown_at order by id desc limit 1),
    (select id from activation order by id limit 1), 0)::float8 as activation_id,
  s.shown_at, s.cold, p.teams, p.clicked
from search s cross join lateral (
  select array_agg(team::text order by position) as teams, array_agg(label order by position) as clicked from sample where search_id = s.id and search_id between $3 and $4
) p
where s.learn_seq > $1 and s.learn_seq <= $2 and s.id between $3 and $4 and s.interleaved and not s.capped
order by s.learn_seq`;

/**
 * Counts the interleaved searches that a run sealed, (sealedFrom, sealedThrough]; once a run, in the transaction that ends it, however it
 * ends. So each is counted once: in the run's tally, and in the sums and the alarm of the lineage it was shown in.
 */
export async function countComparisons(client: PoolClient, runId: string, { sealedFrom, sealedThrough, ids }: SealedRange): Promise<void> {
  if (sealedFrom === sealedThrough) return;
  const { lowest, highest } = ids ?? EVERY_ID;
  const { rows } = await client.query<InterleavedRow>(INTERLEAVED, [sealedFrom, sealedThrough, lowest, highest]);
  const tallies = new Map<number, Tally>();
  for (const row of rows) {
    const before = tallies.get(row.activation_id) ?? { all: NONE, cold: NONE, coldAlarm: await coldAlarmOf(client, row.activation_id), shownFrom: row.shown_at, shownUntil: row.shown_at };
    tallies.set(row.activation_id, withSearch(before, row));
  }
  for (const [activationId, tally] of tallies) await addTally(client, runId, activationId, tally);
}

interface Tally extends ProofSums {
  coldAlarm: number;
  shownFrom: Date;
  shownUntil: Date;
}

function withSearch(tally: Tally, { teams, clicked, cold, shown_at: at }: InterleavedRow): Tally {
  const outcome = comparisonOf(teams, clicked);
  return {
    all: withComparison(tally.all, outcome),
    cold: cold ? withComparison(tally.cold, outcome) : tally.cold,
    coldAlarm: cold ? coldAlarmAfter(tally.coldAlarm, outcome) : tally.coldAlarm,
    shownFrom: at < tally.shownFrom ? at : tally.shownFrom,
    shownUntil: at > tally.shownUntil ? at : tally.shownUntil,
  };
}

async function coldAlarmOf(client: PoolClient, activationId: number): Promise<number> {
  const { rows } = await client.query<{ cold_alarm: number }>('select cold_alarm from proof_lineage where activation_id = $1', [activationId]);
  return rows[0]?.cold_alarm ?? 1;
}

async function addTally(client: PoolClient, runId: string, activationId: number, { all, cold, coldAlarm, shownFrom, shownUntil }: Tally): Promise<void> {
  const counts = [all.wins, all.losses, all.ties, cold.wins, cold.losses, cold.ties];
  await client.query(
    `insert into proof_tally (run_id, activation_id, shown_from, shown_until, wins, losses, ties, cold_wins, cold_losses, cold_ties)
    values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
    [runId, activationId, shownFrom, shownUntil, ...counts],
  );
  await client.query(
    `insert into proof_lineage as l (activation_id, wins, losses, ties, cold_wins, cold_losses, cold_ties, cold_alarm)
    values ($1, $2, $3, $4, $5, $6, $7, $8)
    on conflict (activation_id) do update set wins = l.wins + excluded.wins, losses = l.losses + excluded.losses, ties = l.ties + excluded.ties,
      cold_wins = l.cold_wins + excluded.cold_wins, cold_losses = l.cold_losses + excluded.cold_losses, cold_ties = l.cold_ties + excluded.cold_ties,
      cold_alarm = excluded.cold_alarm`,
    [activationId, ...counts, coldAlarm],
  );
}

/** The lineage in force, with its sums: two look-ups by index and one by key. */
export async function lineageInForce(db: Pool | PoolClient): Promise<Lineage> {
  const { rows } = await db.query<{ id: number; at: Date; cold_alarm: number } & CountsRow>(
    `select a.id::float8, a.at, coalesce(l.cold_alarm, 1) as cold_alarm,
      coalesce(l.wins, 0)::float8 as wins, coalesce(l.losses, 0)::float8 as losses, coalesce(l.ties, 0)::float8 as ties,
      coalesce(l.cold_wins, 0)::float8 as cold_wins, coalesce(l.cold_losses, 0)::float8 as cold_losses, coalesce(l.cold_ties, 0)::float8 as cold_ties
    from activation a left join proof_lineage l on l.activation_id = a.id
    where a.id = coalesce((select id from activation where reason <> 'TRAINED' order by id desc limit 1), (select id from activation order by id limit 1))`,
  );
  const row = rows[0];
  if (!row) return { activationId: 0, since: null, all: NONE, cold: NONE, coldAlarm: 1 };
  return { activationId: row.id, since: row.at, ...sumsOf(row), coldAlarm: row.cold_alarm };
}

/**
 * Whether what the content model has learned is to be given up: users preferred the base ranker's results where nothing else was known.
 * @returns the lineage in force, its alarm too high; null while it is not
 */
export async function coldAlarmPending(db: Pool | PoolClient): Promise<Lineage | null> {
  const lineage = await lineageInForce(db);
  return isColdAlarm(lineage.coldAlarm) ? lineage : null;
}

/** A content model that has started again is judged anew. */
export async function resetColdAlarm(client: PoolClient, activationId: number): Promise<void> {
  await client.query('update proof_lineage set cold_alarm = 1 where activation_id = $1', [activationId]);
}

/** The tallies of which every search was shown at or after `since`, summed from the index on shown_from alone: a row a training run. */
export async function proofSince(pool: Pool, since: Date): Promise<ProofSums> {
  const { rows } = await pool.query<CountsRow>(
    `select coalesce(sum(wins), 0)::float8 as wins, coalesce(sum(losses), 0)::float8 as losses, coalesce(sum(ties), 0)::float8 as ties,
      coalesce(sum(cold_wins), 0)::float8 as cold_wins, coalesce(sum(cold_losses), 0)::float8 as cold_losses, coalesce(sum(cold_ties), 0)::float8 as cold_ties
    from proof_tally where shown_from >= $1`,
    [since],
  );
  return rows[0] ? sumsOf(rows[0]) : { all: NONE, cold: NONE };
}

function sumsOf(row: CountsRow): ProofSums {
  return {
    all: { wins: row.wins, losses: row.losses, ties: row.ties },
    cold: { wins: row.cold_wins, losses: row.cold_losses, ties: row.cold_ties },
  };
}
