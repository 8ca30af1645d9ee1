/** An export under way: page by page from the server to a file, with its progress, until it is done or stopped. */
import { ExportSamples, type SampleFilter } from '../../generated/operations.js';
import type { RequestError} from '../../graphql-client.js';
import { type GraphqlClient } from '../../graphql-client.js';
import { Store } from '../../store.js';
import { csvHeader, csvLines, jsonLines, type ExportFormat } from './export-rows.js';
import type { ExportFile } from './export-file.js';

export interface ExportState {
  status: 'running' | 'done' | 'stopped' | 'failed';
  /** Rows written so far. */
  rows: number;
  /** Cells that got an apostrophe, for spreadsheets. */
  guarded: number;
  error: RequestError | Error | null;
}

export interface ExportRequest {
  format: ExportFormat;
  isSafeForSpreadsheets: boolean;
  filter: SampleFilter;
}

/** The most the server gives at once. */
const PAGE_ROWS = 200;

export class ExportRun extends Store<ExportState> {
  readonly #stopping = new AbortController();

  constructor() {
    super({ status: 'running', rows: 0, guarded: 0, error: null });
  }

  /** What was written until then stays in the file. */
  stop(): void {
    this.#stopping.abort();
  }

  /** Writes everything the filter lets through, newest first; what comes meanwhile is newer than the first page, and not in it. */
  async write(client: Pick<GraphqlClient, 'request'>, { format, isSafeForSpreadsheets, filter }: ExportRequest, file: ExportFile): Promise<void> {
    const { signal } = this.#stopping;
    try {
      if (format === 'csv') await file.write(csvHeader({ isSafeForSpreadsheets }));
      let after: string | null = null;
      let hasMore = true;
      // The next page is asked for while this one is written.
      let page = client.request(ExportSamples, { first: PAGE_ROWS, after, filter });
      while (hasMore && !signal.aborted) {
        const { edges, pageInfo }: Awaited<typeof page>['samples'] = (await page).samples;
        after = pageInfo.endCursor;
        hasMore = pageInfo.hasNextPage;
        if (hasMore && !signal.aborted) {
          page = client.request(ExportSamples, { first: PAGE_ROWS, after, filter });
          // Its failure is met when it is waited for.
          page.catch(() => undefined);
        }
        const rows = edges.map(({ node }) => node);
        const { text, guarded } = format === 'csv' ? csvLines(rows, { isSafeForSpreadsheets }) : jsonLines(rows);
        await file.write(text);
        this.patch({ rows: this.get().rows + rows.length, guarded: this.get().guarded + guarded });
      }
      await file.close();
      this.patch({ status: hasMore ? 'stopped' : 'done' });
    } catch (error) {
      await file.abort();
      this.patch({ status: 'failed', error: error instanceof Error ? error : new Error(String(error)) });
    }
  }
}
