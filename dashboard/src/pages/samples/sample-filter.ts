/** The filter of the Samples page, as the address holds it and as the server takes it. */
import type { SampleFilter } from '../../generated/operations.js';

/** As typed; an empty text asks for nothing. */
export interface FilterFields {
  query: string;
  documentId: string;
  /** "", "yes" or "no". */
  clicked: string;
  /** Local days, "2026-11-24". */
  from: string;
  until: string;
}

export const FILTER_PARAMS = { query: 'query', documentId: 'document', clicked: 'clicked', from: 'from', until: 'until' } as const satisfies Record<keyof FilterFields, string>;

export const NO_FILTER: FilterFields = { query: '', documentId: '', clicked: '', from: '', until: '' };

const DAY = /^\d{4}-\d{2}-\d{2}$/;

export function filterFrom(params: URLSearchParams): FilterFields {
  const read = (field: keyof FilterFields): string => params.get(FILTER_PARAMS[field]) ?? '';
  const day = (text: string): string => (DAY.test(text) && !Number.isNaN(Date.parse(text)) ? text : '');
  const clicked = read('clicked');
  return { query: read('query'), documentId: read('documentId'), clicked: clicked === 'yes' || clicked === 'no' ? clicked : '', from: day(read('from')), until: day(read('until')) };
}

/** Days are whole ones of the reader's own clock: `until` takes that day in. */
export function toSampleFilter({ query, documentId, clicked, from, until }: FilterFields): SampleFilter {
  return {
    ...(query.trim() ? { query: query.trim() } : {}),
    ...(documentId.trim() ? { documentId: documentId.trim() } : {}),
    ...(clicked ? { clicked: clicked === 'yes' } : {}),
    ...(from ? { shownAfter: dayStart(from, 0) } : {}),
    ...(until ? { shownBefore: dayStart(until, 1) } : {}),
  };
}

function dayStart(day: string, daysLater: number): string {
  const [year = 0, month = 1, date = 1] = day.split('-').map(Number);
  return new Date(year, month - 1, date + daysLater).toISOString();
}

export function isFiltered(fields: FilterFields): boolean {
  return Object.values(fields).some((text) => text.trim() !== '');
}
