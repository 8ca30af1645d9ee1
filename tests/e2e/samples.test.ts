/** The Samples page in Chromium, on a real server: filter, pages, a sample's inside, and exports to a file. */
import { readFile } from 'node:fs/promises';
import { expect, test } from '@jest/globals';
import type { Page } from 'playwright-core';
import { describeInBrowser } from '../support/browser.js';
import { importHearts, searchAndClick } from './catalogue.js';
import { overflow, pageUnderTest } from './page-under-test.js';

/** A browser without a way to ask where to save. */
const WITHOUT_PICKER = 'delete window.showSaveFilePicker';
/** The picker asks a person; here a file of the page's own storage is chosen, which is written to in the same way. */
const WITH_PICKER = "window.showSaveFilePicker = async () => (await navigator.storage.getDirectory()).getFileHandle('export', { create: true })";

describeInBrowser('the Samples page', () => {
  const under = pageUnderTest();

  /** Lists of twelve hearts, one of them clicked each time. */
  const show = async (lists: number): Promise<void> => {
    await importHearts(under.app.client);
    await searchAndClick(under.app.client, lists, 'white');
  };
  const count = (page: Page, expected: number): Promise<void> => page.locator(`.sample-table tbody tr:nth-child(${expected}):last-child`).waitFor();

  test('an empty server says what a sample is', async () => {
    const page = await under.open('/samples');
    await page.getByText('No sample yet').waitFor();
    expect(under.complaints()).toEqual([]);
  });

  test('the table filters as one types, the address holds the filter, and Clear takes it away', async () => {
    await show(2);
    const page = await under.open('/samples');
    await count(page, 24);
    await page.getByLabel('Document').fill('white');
    await count(page, 2);
    expect(new URL(page.url()).search).toBe('?document=white');
    await page.getByLabel('Clicked').selectOption('no');
    await page.getByText('No sample fits the filter').waitFor();
    await page.getByRole('button', { name: 'Clear' }).click();
    await count(page, 24);
    expect(new URL(page.url()).search).toBe('');

    const linked = await under.open('/samples?clicked=yes&query=HEART');
    await count(linked, 2);
    expect(await linked.getByLabel('Query').inputValue()).toBe('HEART');
    expect(under.complaints()).toEqual([]);
  });

  test('pages go by cursor to older samples and back; what comes meanwhile is offered, not pushed in', async () => {
    await show(5);
    const page = await under.open('/samples');
    await count(page, 50);
    await searchAndClick(under.app.client, 1, 'white');
    await page.getByRole('button', { name: '12 newer samples: show' }).waitFor();
    await page.getByRole('button', { name: 'Older' }).click();
    await count(page, 10);
    await page.getByText('Samples 51 – 60').waitFor();
    await page.getByRole('button', { name: 'Newer' }).click();
    await count(page, 50);
  });

  test('a row opens to features, propensity and who saw it', async () => {
    await importHearts(under.app.client);
    await under.app.client.query('mutation { search(input: { query: "heart", userId: "u-7", limit: 3 }) { searchId } }');
    const page = await under.open('/samples', { viewport: { width: 390, height: 844 } });
    await page.locator('.row-opener').first().click();
    const detail = page.locator('.sample-detail');
    for (const text of ['Propensity', 'u-7', 'bm25f', 'not a mixed list', 'Search for it again']) await detail.getByText(text).first().waitFor();
    expect(await overflow(page)).toBeLessThanOrEqual(0);
    expect(under.complaints()).toEqual([]);
  });

  test('what is filtered is exported as JSON Lines, into the downloads where the browser cannot ask where to save', async () => {
    await show(20);
    const page = await under.open('/samples?document=white');
    await page.addInitScript(WITHOUT_PICKER);
    await page.reload();
    await count(page, 20);
    const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: 'JSON Lines' }).click()]);
    expect(download.suggestedFilename()).toMatch(/^samples-.*\.jsonl$/);
    const lines = (await readFile(await download.path(), 'utf8')).trimEnd().split('\n').map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(lines).toHaveLength(20);
    expect(lines[0]).toMatchObject({ documentId: 'white', query: 'heart', clicked: true, features: { bm25f: expect.any(Number) } });
    await page.getByText('20 rows exported').waitFor();
  });

  test('everything is exported as CSV over several pages, straight to the disk where the browser can, formulas disarmed and counted', async () => {
    await show(20);
    await under.app.sql(`update search set query = '=1+1' where id = (select min(id::text)::uuid from search)`);
    const page = await under.open('/samples');
    await page.addInitScript(WITH_PICKER);
    await page.reload();
    await count(page, 50);
    await page.getByRole('button', { name: 'CSV' }).click();
    await page.getByText('240 rows exported').waitFor();
    await page.getByText('12 texts got an apostrophe').waitFor();
    const text: string = await page.evaluate(`navigator.storage.getDirectory().then((folder) => folder.getFileHandle('export')).then((handle) => handle.getFile()).then((file) => file.text())`);
    const lines = text.trimEnd().split('\r\n');
    expect(lines).toHaveLength(241);
    expect(lines[0]).toContain('searchId,position,query,documentId');
    expect(lines.filter((line) => line.includes(`,'=1+1,`))).toHaveLength(12);
    expect(under.complaints()).toEqual([]);
  });
});
