/** Comparing two rankers in Chromium, on a real server. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Browser } from 'playwright-core';
import { describeInBrowser, launchBrowser, openPage } from '../support/browser.js';
import { startApp, type RunningApp } from '../support/running-app.js';
import { learnHearts } from './catalogue.js';

describeInBrowser('comparing two rankers', () => {
  let browser: Browser;
  let app: RunningApp;

  beforeAll(async () => {
    [browser, app] = await Promise.all([launchBrowser(), startApp()]);
    await learnHearts(app.client);
  });

  afterAll(async () => {
    await browser.close();
    await app.stop();
  });

  test('shows what learning moved, records nothing, and has its state in the address', async () => {
    const { page, complaints, strangers } = await openPage(browser, `${app.url}/?q=heart&left=base&right=active`);
    const before = (await app.client.query('{ sampleStats { searches } }')).sampleStats.searches;
    const right = page.locator('.slope-side[data-side=right] li');
    await right.first().getByText('white heart').waitFor();
    await right.first().locator('.moved', { hasText: '▲ 10' }).waitFor();

    await right.first().locator('button').focus();
    await page.locator('.slope-side[data-side=left] li[data-lit=true]', { hasText: 'white heart' }).waitFor();
    await page.locator('.slopes path[data-lit=true][data-direction=risen]').waitFor();

    await page.getByText('As a table').click();
    const row = page.locator('.compare-table tbody tr', { hasText: 'white heart' });
    expect((await row.locator('td').allTextContents()).slice(0, 2)).toEqual(['11', '1']);

    await page.getByRole('button', { name: 'Swap sides' }).click();
    await page.locator('.slope-side[data-side=left] li').first().getByText('white heart').waitFor();
    expect(new URL(page.url()).search).toBe('?q=heart&left=active&right=base');
    await page.goBack();
    await page.locator('.slope-side[data-side=right] li').first().getByText('white heart').waitFor();
    expect((await app.client.query('{ sampleStats { searches } }')).sampleStats.searches).toBe(before);
    expect([...complaints, ...strangers]).toEqual([]);
    await page.context().close();
  });

  test('any model that is kept can be chosen, found by a part of its name', async () => {
    const { page } = await openPage(browser, `${app.url}/?q=heart&left=base&right=base`);
    await page.getByText('Both have the same order.').waitFor();
    await page.locator('.picker-button').nth(1).click();
    const dialog = page.locator('dialog');
    await dialog.getByRole('searchbox').fill('no such model');
    await dialog.getByText('No model that is kept is called so.').waitFor();
    await dialog.getByRole('searchbox').fill('ONLINE_001');
    await dialog.getByRole('button', { name: 'ctr_model_online_001' }).click();
    await page.locator('.slope-side[data-side=right] li').first().getByText('white heart').waitFor();
    expect(new URL(page.url()).searchParams.get('right')).not.toBe('base');
    await page.getByRole('button', { name: 'Back to the results' }).click();
    await page.locator('.hit-title', { hasText: 'white heart' }).waitFor();
    expect(new URL(page.url()).search).toBe('?q=heart');
    await page.context().close();
  });
});
