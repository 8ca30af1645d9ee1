/** SQL of clicks: one statement records a group of clicks; each click's outcome comes back, so that one bad click never fails its group. */
import type { Pool } from 'pg';

export interface ClickRow {
  searchId: string;
  documentId: string;
  eventId: string;
  occurredAt: Date | null;
}

export type ClickOutcome = 'RECORDED' | 'DUPLICATE' | 'NO_SEARCH' | 'NO_SAMPLE' | 'EXPIRED';

export interface ClickResult {
  outcome: ClickOutcome;
  /** Where the document stood; null without a sample. */
  position: number | null;
}

/** Clicks older than this after their list was shown are refused. */
export const CLICK_ACCEPTED_HOURS = 24;

// Searches are locked in share mode, in id order: a sealing run locks them for update in the same order, so a click is on time or late, never both.
// Samples are locked next: of two first clicks on a sealed sample only one sees click_count 0 and is the late click that will be learned.
// The primary key (search_id, position) finds a list's samples; a list has at most 100. That the ids are among $1 is said again at every table:
// planned with the ids known, which the pool sees to, it asks the days they lie in and no others.
const RECORD_CLICKS = `
with input as (
  select * from unnest($1::uuid[], $2::text[], $3::text[], $4::timestamptz[]) with ordinality as t(search_id, document_id, event_id, occurred_at, ord)
), locked_search as materialized (
  select s.id, s.learn_seq is not null as sealed, s.shown_at > now() - make_interval(hours => $5::int) as open
  from search s where s.id = any($1) order by s.id for share
), locked_sample as materialized (
  select p.search_id, p.position, p.document_id, p.click_count
  from sample p
  where p.search_id = any($1) and p.search_id in (select id from locked_search) and (p.search_id, p.document_id) in (select search_id, document_id from input)
  order by p.search_id, p.position for update
), accepted as (
  select i.ord, i.search_id, i.document_id, i.event_id, i.occurred_at, p.position, p.click_count, s.sealed,
    row_number() over (partition by i.search_id, i.document_id order by i.ord) as nth_of_sample,
    row_number() over (partition by i.search_id, i.document_id, i.event_id order by i.ord) as nth_of_event
  from input i
  join locked_search s on s.id = i.search_id and s.open
  join locked_sample p on p.search_id = i.search_id and p.document_id = i.document_id
), inserted as (
  insert into click (search_id, document_id, event_id, position, clicked_at, occurred_at, late)
  select search_id, document_id, event_id, position, date_trunc('milliseconds', clock_timestamp()), occurred_at, sealed and click_count = 0 and nth_of_sample = 1
  from accepted where nth_of_event = 1
  order by search_id, document_id, event_id
  on conflict do nothing
  returning search_id, document_id, event_id, position, clicked_at
), updated as (
  update sample p set
    click_count = p.click_count + n.events,
    clicked_at = coalesce(p.clicked_at, n.clicked_at),
    label = p.label or not n.sealed
  from (
    select k.search_id, k.position, count(*)::int as events, min(k.clicked_at) as clicked_at, bool_or(s.sealed) as sealed
    from inserted k join locked_search s on s.id = k.search_id
    group by k.search_id, k.position
  ) n
  where p.search_id = any($1) and p.search_id = n.search_id and p.position = n.position
), counted as (
  update counter c set clicked = c.clicked + n.clicked
  from (
    select count(distinct (k.search_id, k.position)) as clicked
    from inserted k join locked_sample p on p.search_id = k.search_id and p.position = k.position
    where p.click_count = 0
  ) n
  where c.shard = $6::int and n.clicked > 0
)
select i.ord, p.position,
  case
    when s.id is null then 'NO_SEARCH'
    when p.position is null then 'NO_SAMPLE'
    when not s.open then 'EXPIRED'
    when k.event_id is not null and a.nth_of_event = 1 then 'RECORDED'
    else 'DUPLICATE'
  end as outcome
from input i
left join locked_search s on s.id = i.search_id
left join locked_sample p on p.search_id = i.search_id and p.document_id = i.document_id
left join accepted a on a.ord = i.ord
left join inserted k on k.search_id = i.search_id and k.document_id = i.document_id and k.event_id = i.event_id
order by i.ord`;

/** Records a group of clicks in one transaction. `pool` plans each time (PoolOptions.planEachTime). @returns an outcome a row, in the order given */
export async function insertClicks(pool: Pool, rows: readonly ClickRow[], shard: number): Promise<ClickResult[]> {
  const result = await pool.query<{ outcome: ClickOutcome; position: number | null }>({
    name: 'record-clicks',
    text: RECORD_CLICKS,
    values: [
      rows.map((row) => row.searchId),
      rows.map((row) => row.documentId),
      rows.map((row) => row.eventId),
      rows.map((row) => row.occurredAt),
      CLICK_ACCEPTED_HOURS,
      shard,
    ],
  });
  return result.rows.map(({ outcome, position }) => ({ outcome, position }));
}
