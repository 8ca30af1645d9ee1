/** The page in Chromium, on a real server: search, click, learn, and what goes wrong on the way. */
import { expect, test } from '@jest/globals';
import type { Page } from 'playwright-core';
import { describeInBrowser } from '../support/browser.js';
import { freePort } from '../support/free-port.js';
import { importHearts, learnQuickly, searchAndClick } from './catalogue.js';
import { overflow, pageUnderTest } from './page-under-test.js';

const titles = (page: Page): Promise<string[]> => page.locator('.hit-title').allTextContents();

describeInBrowser('the page', () => {
  // A port of its own, so that a restarted server is where the page looks for it.
  const under = pageUnderTest(async () => ({ PORT: String(await freePort()) }));

  test('a search shows its results and a click on one is recorded', async () => {
    await importHearts(under.app.client);
    const page = await under.open('/');
    await page.locator('input[type=search]').fill('heart');
    await page.keyboard.press('Enter');
    await page.locator('.hit').nth(9).waitFor();
    expect(new URL(page.url()).search).toBe('?q=heart');

    await page.locator('.hit-title').nth(2).click();
    await page.locator('.hit').nth(2).locator('.hit-click[data-state=recorded]').waitFor();
    const { sampleStats } = await under.app.client.query('{ sampleStats { total positive } }');
    expect(sampleStats).toEqual({ total: 10, positive: 1 });
    await page.getByText('1 clicks').waitFor();
    expect(under.complaints()).toEqual([]);
  });

  test('a training that happens meanwhile is shown as it happens, and its new ranking on demand', async () => {
    await importHearts(under.app.client);
    await learnQuickly(under.app.client, 40);
    const page = await under.open('/?q=heart');
    await page.locator('.hit').first().waitFor();
    const before = await titles(page);
    expect(await page.getByTestId('ranker').textContent()).toContain('base ranker');

    await searchAndClick(under.app.client, 12, 'white');
    await page.getByTestId('ranker').getByText(/ctr_model_online_\d{3}/).waitFor();
    await page.locator('.feed li[data-kind=run][data-status=SUCCEEDED]').first().waitFor();
    await page.locator('.feed li[data-kind=serving]').first().waitFor();
    expect(await titles(page)).toEqual(before);

    await page.getByText('The ranking of this query changed').waitFor();
    await page.locator('.changed button').click();
    await page.locator('.hit:first-child .hit-title', { hasText: 'white heart' }).waitFor();
    await page.locator('.hit:first-child .moved', { hasText: '▲' }).waitFor();
    await page.locator('.hit:first-child .hit-why').click();
    await page.locator('.why-sentence', { hasText: /^Looked at .+, clicked about \d+ times/ }).waitFor();
    const figures = await page.locator('.bars').first().locator('.bar-figure').allTextContents();
    const [sum, ...parts] = figures.map((figure) => Number(figure.replace('= ', ''))).reverse();
    expect(figures).toHaveLength(4);
    expect(parts.reduce((total, part) => total + part, 0)).toBeCloseTo(sum ?? Number.NaN, 2);
  });

  test('the address holds the search: a link opens it, Back returns to the one before without searching again', async () => {
    await importHearts(under.app.client);
    const page = await under.open('/?q=heart');
    await page.locator('.hit').nth(9).waitFor();
    await page.locator('input[type=search]').fill('purple');
    await page.keyboard.press('Enter');
    await page.locator('.found-line', { hasText: '1 match ' }).waitFor();
    await page.goBack();
    await page.locator('.hit').nth(9).waitFor();
    expect(await page.locator('input[type=search]').inputValue()).toBe('heart');
    const { sampleStats } = await under.app.client.query('{ sampleStats { searches } }');
    expect(sampleStats.searches).toBe(2);
  });

  test('the keyboard is enough: / focuses the box, arrows walk the results, Enter clicks', async () => {
    await importHearts(under.app.client);
    const page = await under.open('/?q=heart');
    await page.locator('.hit').nth(9).waitFor();
    await page.locator('body').click({ position: { x: 5, y: 400 } });
    await page.keyboard.press('/');
    expect(await page.locator('input[type=search]:focus').count()).toBe(1);
    for (const key of ['ArrowDown', 'ArrowDown', 'Enter']) await page.keyboard.press(key);
    await page.locator('.hit').nth(1).locator('.hit-click[data-state=recorded]').waitFor();
  });

  test('an empty server says what to do, and the page goes on when there are documents', async () => {
    const page = await under.open('/');
    await page.getByText('The catalogue is empty').waitFor();
    expect(await page.locator('.command pre').allTextContents()).toEqual(['npm run demo', `npx rankloop import documents.csv --url ${under.app.url}`, expect.stringContaining(`curl ${under.app.url}/graphql`)]);
    await importHearts(under.app.client);
    await page.getByText('Search, click what you like').waitFor();
    await page.locator('.chip', { hasText: 'heart' }).click();
    await page.locator('.hit').nth(9).waitFor();
  });

  test('the sample catalogue can be loaded from the page, and searched', async () => {
    const page = await under.open('/');
    await page.getByRole('button', { name: 'Load 30 sample documents' }).click();
    await page.getByText('Search, click what you like').waitFor();
    await page.locator('input[type=search]').fill('green tea');
    await page.keyboard.press('Enter');
    await page.locator('.hit').nth(9).waitFor();
    expect(under.complaints()).toEqual([]);
  });

  test('a word that nothing contains says so', async () => {
    await importHearts(under.app.client);
    const page = await under.open('/?q=xylophone');
    await page.getByText('Nothing matches “xylophone”.').waitFor();
  });

  test('a server that went away is said to be away, and its return is noticed', async () => {
    await importHearts(under.app.client);
    const page = await under.open('/?q=heart');
    await page.locator('.dot[data-state=live]').waitFor();
    await page.locator('.hit').nth(9).waitFor();
    const gone = page.locator('.dot:not([data-state=live])').waitFor();
    const restarted = under.app.restart();
    await gone;
    expect(await titles(page)).toHaveLength(10);
    await restarted;
    await page.locator('.dot[data-state=live]').waitFor();
    await searchAndClick(under.app.client, 1, 'white');
    await page.getByText('2 searches').waitFor();
  });

  test('a click that did not arrive says so, and can be made again', async () => {
    await importHearts(under.app.client);
    const page = await under.open('/?q=heart');
    await page.locator('.hit').nth(9).waitFor();
    await page.context().setOffline(true);
    await page.locator('.hit-title').first().click();
    await page.locator('.hit-click[data-state=failed]').waitFor();
    await page.context().setOffline(false);
    await page.locator('.hit-title').first().click();
    await page.locator('.hit-click[data-state=recorded]').waitFor();
    const { samples } = await under.app.client.query('{ samples(filter: { clicked: true }) { edges { node { clickCount } } } }');
    expect(samples.edges).toEqual([{ node: { clickCount: 1 } }]);
  });

  test('a phone shows everything within its width, in Chinese and dark as well', async () => {
    await importHearts(under.app.client);
    const page = await under.open('/?q=heart', { viewport: { width: 360, height: 740 }, locale: 'zh-CN', colorScheme: 'dark', hasTouch: true });
    await page.locator('.hit').nth(9).waitFor();
    await page.getByText('10 条匹配').or(page.getByText('12 条匹配')).waitFor();
    expect(await overflow(page)).toBe(0);
  });
});
