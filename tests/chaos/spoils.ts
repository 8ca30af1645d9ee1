/** Shows that the comparison can fail: what it is there to find is done to a snapshot of the database, one thing at a time, and has to be found. */
import type pg from 'pg';
import { compareAll } from './comparison.js';
import type { Entries } from './ledger.js';
import { inSnapshot } from './stored.js';

interface Spoil {
  name: string;
  statements: string[];
  /** Where it must be found, and as what. */
  found: ['lost' | 'duplicated' | 'wrong', RegExp];
}

const A_CLICK = 'select search_id, document_id, event_id from click order by event_id limit 1';
const A_PLAIN_SEARCH = 'select id from search s where sample_count > 0 and not exists (select 1 from click k where k.search_id = s.id) order by id limit 1';
const IN_FORCE = 'select ranker_id from activation order by id desc limit 1';
const copyOf = (table: string, changes: string, where: string): string => `insert into ${table} select (jsonb_populate_record(t, ${changes})).* from ${table} t where ${where}`;

const SPOILS: readonly Spoil[] = [
  { name: 'a click is gone', statements: [`delete from click where (search_id, document_id, event_id) in (${A_CLICK})`], found: ['lost', /^the click event-/] },
  {
    name: 'a click is gone with its count',
    statements: [
      `update sample set click_count = click_count - 1 where (search_id, document_id) in (select search_id, document_id from (${A_CLICK}) k)`,
      `delete from click where (search_id, document_id, event_id) in (${A_CLICK})`,
    ],
    found: ['lost', /^the click event-/],
  },
  { name: 'a search is gone', statements: [`delete from search where id in (${A_PLAIN_SEARCH})`], found: ['lost', /^the search / ] },
  { name: 'a sample is gone', statements: [`delete from sample where position = 2 and search_id in (${A_PLAIN_SEARCH})`], found: ['lost', /^the samples of /] },
  { name: 'a search is there twice', statements: [copyOf('search', `jsonb_build_object('id', gen_random_uuid())`, `id in (${A_PLAIN_SEARCH})`)], found: ['duplicated', /^the search /] },
  { name: 'a click counts twice', statements: [`update sample set click_count = click_count + 1 where (search_id, document_id) in (select search_id, document_id from (${A_CLICK}) k)`], found: ['duplicated', /are counted$/] },
  { name: 'a click that nobody made', statements: [copyOf('click', `'{"event_id": "stranger"}'`, `(search_id, document_id, event_id) in (${A_CLICK})`)], found: ['wrong', /^the click .* never attempted/] },
  { name: 'a search that nobody made', statements: [`update search set session_id = 'stranger' where id in (${A_PLAIN_SEARCH})`], found: ['wrong', /^the search .* never attempted/] },
  ...['searches', 'samples', 'clicked', 'settled'].map(
    (counter): Spoil => ({ name: `the counter ${counter} is one too high`, statements: [`update counter set ${counter} = ${counter} + 1 where shard = 0`], found: ['wrong', /^the counter of /] }),
  ),
  {
    name: 'the base ranker is in force',
    statements: [`insert into activation (ranker_id, previous_id, reason, at) select 'base', ranker_id, 'AUTO_ROLLED_BACK', now() from (${IN_FORCE}) a`],
    found: ['wrong', /base ranker is in force/],
  },
  { name: 'a sample was learned twice', statements: [`update training_run set learned_from = learned_from - 1 where checkpoint_id in (${IN_FORCE})`], found: ['wrong', /learned from/] },
  { name: 'a number of the learning order is left out', statements: ['update search set learn_seq = null where learn_seq = 1'], found: ['wrong', /^misnumbered/] },
  { name: 'the model remembers what was never shown', statements: [`update search set query_key = 'stranger' where learn_seq = 1`], found: ['wrong', /^misremembered/] },
];

/** @returns how many spoiled snapshots were looked at, and the names of those that were not noticed */
export async function tryComparison(address: pg.ClientConfig, entries: Entries): Promise<{ tried: number; unnoticed: string[] }> {
  const unnoticed: string[] = [];
  for (const { name, statements, found } of SPOILS) {
    const findings = await inSnapshot(address, async (sql) => {
      for (const statement of statements) await sql(statement);
      return compareAll(sql, entries);
    });
    const [kind, text] = found;
    if (!findings[kind].some((finding) => text.test(finding))) unnoticed.push(`${name}: ${JSON.stringify(findings)}`);
  }
  return { tried: SPOILS.length, unnoticed };
}
