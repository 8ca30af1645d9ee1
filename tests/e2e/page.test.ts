/** The page in Chromium, on a real server: search, click, learn, and what goes wrong on the way. */
import { createServer } from 'node:net';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import type { Browser, Page } from 'playwright-core';
import { startApp, type RunningApp } from '../support/running-app.js';
import { describeInBrowser, launchBrowser, openPage, type WatchedPage } from '../support/browser.js';
import { importHearts, learnQuickly, searchAndClick } from './catalogue.js';

const titles = (page: Page): Promise<string[]> => page.locator('.hit-title').allTextContents();

describeInBrowser('the page', () => {
  let browser: Browser;
  let app: RunningApp;
  let opened: WatchedPage[];

  const open = async (path = '/', options = {}): Promise<Page> => {
    const watched = await openPage(browser, `${app.url}${path}`, options);
    opened.push(watched);
    return watched.page;
  };

  beforeAll(async () => {
    browser = await launchBrowser();
  });

  afterAll(async () => {
    await browser.close();
  });

  beforeEach(async () => {
    opened = [];
    app = await startApp({ PORT: String(await freePort()) });
  });

  afterEach(async () => {
    await Promise.all(opened.map(({ page }) => page.context().close()));
    await app.stop();
  });

  test('a search shows its results and a click on one is recorded', async () => {
    await importHearts(app.client);
    const page = await open();
    await page.locator('input[type=search]').fill('heart');
    await page.keyboard.press('Enter');
    await page.locator('.hit').nth(9).waitFor();
    expect(new URL(page.url()).search).toBe('?q=heart');

    await page.locator('.hit-title').nth(2).click();
    await page.locator('.hit').nth(2).locator('.hit-click[data-state=recorded]').waitFor();
    const { sampleStats } = await app.client.query('{ sampleStats { total positive } }');
    expect(sampleStats).toEqual({ total: 10, positive: 1 });
    await page.getByText('1 clicks').waitFor();
    expect(opened.flatMap(({ complaints, strangers }) => [...complaints, ...strangers])).toEqual([]);
  });

  test('a training that happens meanwhile is shown as it happens, and its new ranking on demand', async () => {
    await importHearts(app.client);
    await learnQuickly(app.client, 40);
    const page = await open('/?q=heart');
    await page.locator('.hit').first().waitFor();
    const before = await titles(page);
    expect(await page.getByTestId('ranker').textContent()).toContain('base ranker');

    await searchAndClick(app.client, 12, 'white');
    await page.getByTestId('ranker').getByText(/ctr_model_online_\d{3}/).waitFor();
    await page.locator('.feed li[data-kind=run][data-status=SUCCEEDED]').first().waitFor();
    await page.locator('.feed li[data-kind=serving]').first().waitFor();
    expect(await titles(page)).toEqual(before);

    await page.getByText('The ranking of this query changed').waitFor();
    await page.locator('.changed button').click();
    await page.locator('.hit:first-child .hit-title', { hasText: 'white heart' }).waitFor();
    await page.locator('.hit:first-child .moved', { hasText: '▲' }).click();
    await page.getByText(/By its text it would be number \d+; what was clicked before puts it at 1\./).waitFor();
  });

  test('the address holds the search: a link opens it, Back returns to the one before without searching again', async () => {
    await importHearts(app.client);
    const page = await open('/?q=heart');
    await page.locator('.hit').nth(9).waitFor();
    await page.locator('input[type=search]').fill('purple');
    await page.keyboard.press('Enter');
    await page.locator('.found-line', { hasText: '1 match ' }).waitFor();
    await page.goBack();
    await page.locator('.hit').nth(9).waitFor();
    expect(await page.locator('input[type=search]').inputValue()).toBe('heart');
    const { sampleStats } = await app.client.query('{ sampleStats { searches } }');
    expect(sampleStats.searches).toBe(2);
  });

  test('the keyboard is enough: / focuses the box, arrows walk the results, Enter clicks', async () => {
    await importHearts(app.client);
    const page = await open('/?q=heart');
    await page.locator('.hit').nth(9).waitFor();
    await page.locator('body').click({ position: { x: 5, y: 400 } });
    await page.keyboard.press('/');
    expect(await page.locator('input[type=search]:focus').count()).toBe(1);
    for (const key of ['ArrowDown', 'ArrowDown', 'Enter']) await page.keyboard.press(key);
    await page.locator('.hit').nth(1).locator('.hit-click[data-state=recorded]').waitFor();
  });

  test('an empty server says what to do, and the page goes on when there are documents', async () => {
    const page = await open();
    await page.getByText('The catalogue is empty').waitFor();
    expect(await page.locator('.command pre').allTextContents()).toEqual(['npm run demo', expect.stringContaining(`curl ${app.url}/graphql`)]);
    await importHearts(app.client);
    await page.getByText('Search, click what you like').waitFor();
    await page.locator('.chip', { hasText: 'heart' }).click();
    await page.locator('.hit').nth(9).waitFor();
  });

  test('a word that nothing contains says so', async () => {
    await importHearts(app.client);
    const page = await open('/?q=xylophone');
    await page.getByText('Nothing matches “xylophone”.').waitFor();
  });

  test('a server that went away is said to be away, and its return is noticed', async () => {
    await importHearts(app.client);
    const page = await open('/?q=heart');
    await page.locator('.dot[data-state=live]').waitFor();
    await page.locator('.hit').nth(9).waitFor();
    const gone = page.locator('.dot:not([data-state=live])').waitFor();
    const restarted = app.restart();
    await gone;
    expect(await titles(page)).toHaveLength(10);
    await restarted;
    await page.locator('.dot[data-state=live]').waitFor();
    await searchAndClick(app.client, 1, 'white');
    await page.getByText('2 searches').waitFor();
  });

  test('a click that did not arrive says so, and can be made again', async () => {
    await importHearts(app.client);
    const page = await open('/?q=heart');
    await page.locator('.hit').nth(9).waitFor();
    await page.context().setOffline(true);
    await page.locator('.hit-title').first().click();
    await page.locator('.hit-click[data-state=failed]').waitFor();
    await page.context().setOffline(false);
    await page.locator('.hit-title').first().click();
    await page.locator('.hit-click[data-state=recorded]').waitFor();
    const { samples } = await app.client.query('{ samples(filter: { clicked: true }) { edges { node { clickCount } } } }');
    expect(samples.edges).toEqual([{ node: { clickCount: 1 } }]);
  });

  test('a phone shows everything within its width, in Chinese and dark as well', async () => {
    await importHearts(app.client);
    const page = await open('/?q=heart', { viewport: { width: 360, height: 740 }, locale: 'zh-CN', colorScheme: 'dark', hasTouch: true });
    await page.locator('.hit').nth(9).waitFor();
    await page.getByText('10 条匹配').or(page.getByText('12 条匹配')).waitFor();
    expect(await page.evaluate<number>('document.documentElement.scrollWidth - document.documentElement.clientWidth')).toBe(0);
  });
});

/** A port that was free a moment ago, so that a server can come back where it was. */
async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}
