/** GraphiQL in Chromium, on a real server: a search, and a live event. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Browser, Locator } from 'playwright-core';
import { startApp, type RunningApp } from '../support/running-app.js';
import { describeInBrowser, launchBrowser, openPage } from '../support/browser.js';
import { importHearts, searchAndClick } from './catalogue.js';

describeInBrowser('the playground', () => {
  let browser: Browser;
  let app: RunningApp;

  beforeAll(async () => {
    [browser, app] = await Promise.all([launchBrowser(), startApp()]);
    await importHearts(app.client);
  });

  afterAll(async () => {
    await browser.close();
    await app.stop();
  });

  test('runs the example search, then shows a live event, asking nobody else', async () => {
    const { page, complaints, strangers } = await openPage(browser, `${app.url}/graphiql`);
    const run = page.locator('.graphiql-execute-button');
    const line = (text: string): Locator => page.locator('.graphiql-response .CodeMirror-line', { hasText: text });
    await run.click();
    await line('"totalMatches": 12').waitFor();
    const { sampleStats } = await app.client.query('{ sampleStats { searches } }');
    expect(sampleStats.searches).toBe(1);

    await page.getByRole('tab', { name: 'LiveSamples' }).click();
    // GraphiQL notes a moment later which operation the tab holds.
    while ((await page.evaluate(`localStorage.getItem('graphiql:operationName')`)) !== 'LiveSamples');
    await run.click();
    await line('"positive": 0').waitFor();
    await searchAndClick(app.client, 3, 'white');
    await line('"positive": 3').waitFor();
    expect({ complaints, strangers }).toEqual({ complaints: [], strangers: [] });
    await page.context().close();
  });

  test('on a server with keys, the one in its headers editor serves requests and subscriptions', async () => {
    const key = 'admin-0123456789abcdef';
    const closed = await startApp({ RANKLOOP_ADMIN_KEYS: key });
    try {
      await importHearts(closed.client);
      const { page } = await openPage(browser, `${closed.url}/graphiql`);
      const run = page.locator('.graphiql-execute-button');
      const line = (text: string): Locator => page.locator('.graphiql-response .CodeMirror-line', { hasText: text });
      await run.click();
      await line('UNAUTHENTICATED').waitFor();
      const enterKey = async (): Promise<void> => {
        await page.getByRole('button', { name: 'Headers', exact: true }).click();
        await page.locator('.graphiql-editor-tool .CodeMirror:visible').click();
        await page.keyboard.insertText(JSON.stringify({ authorization: `Bearer ${key}` }));
      };
      await enterKey();
      await run.click();
      await line('"totalMatches": 12').waitFor();

      await page.getByRole('tab', { name: 'LiveSamples' }).click();
      while ((await page.evaluate(`localStorage.getItem('graphiql:operationName')`)) !== 'LiveSamples');
      await enterKey();
      await run.click();
      await line('"positive": 0').waitFor();
      // The history has it; nothing that is kept has the key.
      while (!(await page.evaluate<string | null>(`localStorage.getItem('graphiql:queries')`))?.includes('LiveSamples'));
      expect(await page.evaluate(`JSON.stringify(Object.entries(localStorage))`)).not.toContain(key);
      await page.context().close();
    } finally {
      await closed.stop();
    }
  });
});
