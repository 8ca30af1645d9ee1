/** What the database says of what was sealed, and of what the ranker that serves has learned of it. */
import { decodeCheckpoint } from '../../src/learning/checkpoint-format.js';
import type { RunningApp } from './running-app.js';

type Range = [after: number, through: number];

interface Step {
  id: string;
  parentId: string | null;
  learnedFrom: number;
  learnedThrough: number;
  setAside: Range[];
  samples: number;
}

/** What stands in the learning order, and in some ranges of it. */
interface Stored {
  samples: number;
  clicks: number;
  lateClicks: number;
  /** Σ k^−.7 over the samples' positions. */
  examinations: number;
}

export interface LearningAccount {
  /** Σ newSamples of all runs, plus what no run has sealed yet. */
  sealedOrWaiting: number;
  settled: number;
  /** Numbers given twice, or left out between 1 and the highest. */
  misnumbered: number;
  /** Runs whose newSamples are not the samples in the range that they sealed. */
  miscountedRuns: number;
  /** Samples whose clicks and label do not fit together: a click is on time or late, never both. */
  mislabelled: number;
  /** Late clicks that stand before their own search in the learning order. */
  early: number;
  lineage: Step[];
  /** Ranges that the lineage learned, and left out, from 0 to what it learned through, without a gap. */
  learned: Range[];
  setAside: Range[];
  /** What the database holds in the learned ranges, */
  stored: Stored;
  /** what the runs of the lineage say they learned, */
  reportedSamples: number;
  /** and what the serving model's click memory adds up to. */
  remembered: { clicks: number; examinations: number };
}

export async function learningAccount(running: RunningApp): Promise<LearningAccount> {
  const { sql } = running;
  const [totals] = await sql(`
    select (select coalesce(sum(new_samples), 0)::int from training_run) as sealed,
      (select sum(settled)::int from counter) + o.folded_samples::int
        + (select coalesce(sum(samples), 0)::int from settle_bucket where settles_at <= now()) as settled, o.sealed_samples::int as "sealedSamples",
      (with numbers as (select learn_seq from search where learn_seq is not null union all select learn_seq from click where learn_seq is not null)
        select (o.last_seq - count(distinct learn_seq) + count(*) - count(distinct learn_seq))::int from numbers) as misnumbered,
      (select count(*)::int from training_run r where r.new_samples <>
        (select coalesce(sum(sample_count), 0) from search where learn_seq > r.sealed_from and learn_seq <= r.learned_through)) as "miscountedRuns",
      (select count(*)::int from sample p where (p.click_count > 0)::int <> p.label::int +
        (select count(*) from click k where k.search_id = p.search_id and k.document_id = p.document_id and k.late)) as mislabelled,
      (select count(*)::int from click k join search s on s.id = k.search_id where k.late and k.learn_seq <= s.learn_seq) as early
    from learning_order o`);
  const lineage = await lineageOf(running);
  const { learned, setAside } = follow(lineage);
  return {
    sealedOrWaiting: totals.sealed + totals.settled - totals.sealedSamples,
    settled: totals.settled,
    misnumbered: totals.misnumbered,
    miscountedRuns: totals.miscountedRuns,
    mislabelled: totals.mislabelled,
    early: totals.early,
    lineage,
    learned,
    setAside,
    stored: await storedIn(running, learned),
    reportedSamples: lineage.reduce((sum, step) => sum + step.samples, 0),
    remembered: await remembered(running, lineage.at(-1)?.id),
  };
}

/** The checkpoints from the first to the one in force, each learned on from the one before. */
async function lineageOf({ sql }: RunningApp): Promise<Step[]> {
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
function follow(lineage: readonly Step[]): { learned: Range[]; setAside: Range[] } {
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
  return { learned, setAside };
}

async function storedIn({ sql }: RunningApp, ranges: readonly Range[]): Promise<Stored> {
  const [stored] = await sql(
    `with learned as (select (r ->> 0)::bigint as after, (r ->> 1)::bigint as through from jsonb_array_elements($1::jsonb) r)
    select count(p.position)::int as samples, count(*) filter (where p.label)::int as clicks, coalesce(sum(p.position ^ -0.7), 0)::float8 as examinations,
      (select count(*)::int from click k join search t on t.id = k.search_id
        where exists (select 1 from learned where k.learn_seq > after and k.learn_seq <= through) and exists (select 1 from learned where t.learn_seq > after and t.learn_seq <= through)) as "lateClicks"
    from search s join learned l on s.learn_seq > l.after and s.learn_seq <= l.through join sample p on p.search_id = s.id`,
    [JSON.stringify(ranges)],
  );
  return stored;
}

/** Evidence fades by half in thirty days: within a test it only adds up, as long as no pair was looked at a hundred times. */
async function remembered({ sql }: RunningApp, checkpointId: string | undefined): Promise<LearningAccount['remembered']> {
  if (checkpointId === undefined) return { clicks: 0, examinations: 0 };
  const [row] = await sql('select bytes from checkpoint_bytes where checkpoint_id = $1', [checkpointId]);
  const { clicks, examinations } = decodeCheckpoint(row.bytes).model.memory.toColumns();
  const sum = (column: Float32Array): number => column.reduce((total, value) => total + value, 0);
  return { clicks: sum(clicks), examinations: sum(examinations) };
}
