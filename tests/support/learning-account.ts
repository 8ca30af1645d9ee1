/** What the database says of what was sealed, and of what the ranker that serves has learned of it. */
import { decodeCheckpoint } from '../../src/learning/checkpoint-format.js';
import { EXAMINATIONS_CAP } from '../../src/learning/click-memory.js';
import { priorExamination } from '../../src/learning/examination.js';
import { writePairKey } from '../../src/learning/pair-key.js';
import type { Answer } from './api-client.js';

/** What gives the rows of a statement: a running app, or a connection in a snapshot. */
interface Source {
  sql(text: string, values?: readonly unknown[]): Promise<Answer[]>;
}

type Range = [after: number, through: number];

interface Step {
  id: string;
  parentId: string | null;
  learnedFrom: number;
  learnedThrough: number;
  setAside: Range[];
  samples: number;
}

/** What a query and document came to, as the database or a click memory has it. */
interface Evidence {
  clicks: number;
  /** Σ k^−.7 over the positions it was shown at. */
  examinations: number;
}

export interface LearningAccount {
  /** Σ newSamples of all runs, plus what no run has sealed yet. */
  sealedOrWaiting: number;
  settled: number;
  /** Numbers given twice, or left out between 1 and the highest. */
  misnumbered: number;
  /** Runs whose newSamples are not the samples in the range that they sealed, or whose cappedSamples not those capped there. */
  miscountedRuns: number;
  /** Samples whose clicks and label do not fit together: a click is on time or late, never both. */
  mislabelled: number;
  /** Late clicks that stand before their own search in the learning order. */
  early: number;
  /** Refused runs whose range was not offered to the next online run on the same ranker, nor, refused twice, set aside. */
  notOfferedAgain: number;
  lineage: Step[];
  /** Ranges that the lineage learned, and left out: from 0 to what it learned through, or was told to go on from, without a gap. */
  learned: Range[];
  setAside: Range[];
  /** The samples in the learned ranges, */
  learnedSamples: number;
  /** but for those there that are capped, */
  cappedSamples: number;
  /** in those set aside, */
  setAsideSamples: number;
  /** and sealed, but in neither: offered to the next run. */
  offeredSamples: number;
  /** What the runs of the lineage say they learned. */
  reportedSamples: number;
  /** Clicks on learned samples, sealed with them or as late clicks of learned ranges, */
  clicks: number;
  lateClicks: number;
  /** and what the serving model's click memory adds up to: all three without the pairs that were looked at so often that the memory forgets of them. */
  remembered: Evidence;
  /** Queries and documents that the memory knows something else of than what was learned, by name. */
  misremembered: string[];
}

/** Examination must not have been learned (explorationRate 0), and the memory not dropped any pair. */
export async function learningAccount(running: Source): Promise<LearningAccount> {
  const { sql } = running;
  const [totals] = await sql(`
    select (select coalesce(sum(new_samples), 0)::int from training_run) as sealed,
      (select sum(settled)::int from counter) + o.folded_samples::int
        + (select coalesce(sum(samples), 0)::int from settle_bucket where settles_at <= now()) as settled, o.sealed_samples::int as "sealedSamples",
      (with numbers as (select learn_seq from search where learn_seq is not null union all select learn_seq from click where learn_seq is not null)
        select (o.last_seq - count(distinct learn_seq) + count(*) - count(distinct learn_seq))::int from numbers) as misnumbered,
      (select count(*)::int from training_run r where (r.new_samples, r.capped_samples) <>
        (select coalesce(sum(sample_count), 0), coalesce(sum(sample_count) filter (where capped), 0) from search
          where learn_seq > r.sealed_from and learn_seq <= r.learned_through)) as "miscountedRuns",
      (select count(*)::int from sample p where (p.click_count > 0)::int <> p.label::int +
        (select count(*) from click k where k.search_id = p.search_id and k.document_id = p.document_id and k.late)) as mislabelled,
      (select count(*)::int from click k join search s on s.id = k.search_id where k.late and k.learn_seq <= s.learn_seq) as early
    from learning_order o`);
  const lineage = await lineageOf(running);
  const [order] = await sql(
    `select o.last_seq::int as "lastSeq", coalesce((select resumes_after from activation order by id desc limit 1), o.resumes_after)::int as "resumesAfter" from learning_order o`,
  );
  const { learned, setAside } = follow(lineage, order.resumesAfter);
  const sealed = await samplesIn(running, [[0, order.lastSeq]]);
  const [learnedSamples, cappedSamples] = [await samplesIn(running, learned, 'not capped'), await samplesIn(running, learned, 'capped')];
  const setAsideSamples = await samplesIn(running, setAside);
  const stored = await storedEvidence(running, learned);
  const memory = await rememberedEvidence(running, lineage.at(-1)?.id);
  const faded = new Set(stored.filter(({ examinations }) => examinations > EXAMINATIONS_CAP).map(({ key }) => key));
  const countable = stored.filter(({ key }) => !faded.has(key));
  return {
    sealedOrWaiting: totals.sealed + totals.settled - totals.sealedSamples,
    settled: totals.settled,
    misnumbered: totals.misnumbered,
    miscountedRuns: totals.miscountedRuns,
    mislabelled: totals.mislabelled,
    early: totals.early,
    notOfferedAgain: await notOfferedAgain(running),
    lineage,
    learned,
    setAside,
    learnedSamples,
    cappedSamples,
    setAsideSamples,
    offeredSamples: sealed - learnedSamples - cappedSamples - setAsideSamples,
    reportedSamples: lineage.reduce((sum, step) => sum + step.samples, 0),
    clicks: countable.reduce((sum, pair) => sum + pair.clicks, 0),
    lateClicks: countable.reduce((sum, pair) => sum + pair.lateClicks, 0),
    remembered: total([...memory].flatMap(([key, evidence]) => (faded.has(key) ? [] : [evidence]))),
    misremembered: misremembered(stored, memory),
  };
}

/** The checkpoints from the first to the one in force, each learned on from the one before. */
async function lineageOf({ sql }: Source): Promise<Step[]> {
  const steps: Step[] = [];
  const [inForce] = await sql('select ranker_id from activation order by id desc limit 1');
  for (let id: string | null = inForce?.ranker_id ?? null; id !== null && id !== 'base'; ) {
    const [step] = await sql(
      `select c.id, r.parent_id as "parentId", r.learned_from::int as "learnedFrom", c.learned_through::int as "learnedThrough", c.set_aside as "setAside", r.samples::int
      from checkpoint c join training_run r on r.id = c.run_id and r.checkpoint_id = c.id where c.id = $1`,
      [id],
    );
    if (!step) throw new Error(`Checkpoint ${id} has no row, or its run does not know it.`);
    steps.unshift(step);
    id = step.parentId;
  }
  return steps;
}

/** Goes through the learning order as the lineage did; throws where it learned something twice, or left something out without saying so. */
function follow(lineage: readonly Step[], resumesAfter: number): { learned: Range[]; setAside: Range[] } {
  const learned: Range[] = [];
  const setAside: Range[] = [];
  let at = 0;
  for (const step of lineage) {
    if (step.learnedFrom < at) throw new Error(`${step.id} learned from ${step.learnedFrom} on what its parent had learned through ${at}.`);
    if (step.learnedFrom > at) setAside.push([at, step.learnedFrom]);
    learned.push([step.learnedFrom, step.learnedThrough]);
    at = step.learnedThrough;
    if (JSON.stringify(step.setAside) !== JSON.stringify(setAside)) throw new Error(`${step.id} says it set aside ${JSON.stringify(step.setAside)}; it did ${JSON.stringify(setAside)}.`);
  }
  // The next run will say so.
  if (resumesAfter > at) setAside.push([at, resumesAfter]);
  return { learned, setAside };
}

/** Of online runs in a row on one activation: after a refused one the next begins where that one began, or, refused after another, where the other ended. */
async function notOfferedAgain({ sql }: Source): Promise<number> {
  const [row] = await sql(`
    with online as (
      select activation_id, status, learned_from, learned_through, lag(status) over runs as status_before, lag(learned_through) over runs as through_before,
        lead(activation_id) over runs as next_activation, lead(learned_from) over runs as next_from
      from training_run where mode = 'ONLINE' and status in ('SUCCEEDED', 'REJECTED', 'FAILED') window runs as (order by queued_at, id)
    )
    select count(*)::int as count from online
    where status in ('REJECTED', 'FAILED') and next_from is not null and next_activation is not distinct from activation_id
      and next_from <> case when status_before in ('REJECTED', 'FAILED') then greatest(learned_from, through_before) else learned_from end`);
  return row.count;
}

const IN_RANGES = (column: string): string => `exists (select 1 from jsonb_array_elements($1::jsonb) r where ${column} > (r ->> 0)::bigint and ${column} <= (r ->> 1)::bigint)`;

async function samplesIn({ sql }: Source, ranges: readonly Range[], which: 'capped' | 'not capped' | 'true' = 'true'): Promise<number> {
  const [row] = await sql(`select coalesce(sum(sample_count), 0)::int as samples from search s where ${which} and ${IN_RANGES('s.learn_seq')}`, [JSON.stringify(joined(ranges))]);
  return row.samples;
}

/** A lineage's ranges follow one upon the other: together they are few. */
function joined(ranges: readonly Range[]): Range[] {
  const result: Range[] = [];
  for (const [after, through] of ranges) {
    const last = result.at(-1);
    if (last?.[1] === after) last[1] = through;
    else result.push([after, through]);
  }
  return result;
}

interface StoredEvidence extends Evidence {
  name: string;
  key: bigint;
  lateClicks: number;
}

/** What was shown and clicked in some ranges and not capped, by query and document; late clicks only on samples that were learned, too. */
async function storedEvidence({ sql }: Source, ranges: readonly Range[]): Promise<StoredEvidence[]> {
  const rows = await sql(
    `select s.query_key as "queryKey", p.document_id as "documentId", array_agg(p.position) as positions, count(*) filter (where p.label)::int as clicks,
      count(*) filter (where exists (select 1 from click k where k.search_id = p.search_id and k.document_id = p.document_id and k.late and ${IN_RANGES('k.learn_seq')}))::int as "lateClicks"
    from search s join sample p on p.search_id = s.id where not s.capped and ${IN_RANGES('s.learn_seq')} group by 1, 2`,
    [JSON.stringify(joined(ranges))],
  );
  return rows.map(({ queryKey, documentId, positions, clicks, lateClicks }) => ({
    name: `${documentId} for ${queryKey}`,
    key: keyOf(queryKey, documentId),
    clicks,
    lateClicks,
    examinations: positions.reduce((sum: number, position: number) => sum + priorExamination(position), 0),
  }));
}

function keyOf(queryKey: string, documentId: string): bigint {
  const words = new Uint32Array(2);
  writePairKey(queryKey, documentId, words, 0);
  return (BigInt(words[1]!) << 32n) | BigInt(words[0]!);
}

async function rememberedEvidence({ sql }: Source, checkpointId: string | undefined): Promise<Map<bigint, Evidence>> {
  if (checkpointId === undefined) return new Map();
  const [row] = await sql('select bytes from checkpoint_bytes where checkpoint_id = $1', [checkpointId]);
  const { keys, clicks, examinations } = decodeCheckpoint(row.bytes).model.memory.toColumns();
  return new Map(
    Array.from(clicks, (count, pair) => [(BigInt(keys[2 * pair + 1]!) << 32n) | BigInt(keys[2 * pair]!), { clicks: count, examinations: examinations[pair]! }] as const),
  );
}

function total(evidence: readonly Evidence[]): Evidence {
  return {
    clicks: evidence.reduce((sum, pair) => sum + pair.clicks, 0),
    examinations: evidence.reduce((sum, pair) => sum + pair.examinations, 0),
  };
}

/** Evidence fades by half in thirty days, a thousandth in an hour: within a test it only adds up, as long as no pair was looked at a hundred times. */
function misremembered(stored: readonly StoredEvidence[], memory: ReadonlyMap<bigint, Evidence>): string[] {
  const wrong = stored.filter(({ key, clicks, lateClicks, examinations }) => {
    const known = memory.get(key);
    // The memory forgets of such a pair with each look, more or less of its clicks by their order: there it stays, and cannot have more than there were.
    if (examinations > EXAMINATIONS_CAP) return !known || !isNear(known.examinations, EXAMINATIONS_CAP) || known.clicks > clicks + lateClicks + 0.02;
    return !known || !isNear(known.clicks, clicks + lateClicks) || !isNear(known.examinations, examinations);
  });
  const unknown = memory.size - stored.length + wrong.filter(({ key }) => !memory.has(key)).length;
  return [...wrong.map(({ name }) => name), ...(unknown === 0 ? [] : [`${unknown} that were never learned`])];
}

/** One click, or one look at the last place of a page, is far more. */
function isNear(value: number, expected: number): boolean {
  return Math.abs(value - expected) < 0.02 + expected / 1_000;
}
