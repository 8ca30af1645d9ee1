/** The Live page in Chromium, on a real server: what happens is seen as it happens. */
import { expect, test } from '@jest/globals';
import { describeInBrowser } from '../support/browser.js';
import { importHearts, learnQuickly, searchAndClick } from './catalogue.js';
import { overflow, pageUnderTest } from './page-under-test.js';

const PHONE = { viewport: { width: 390, height: 844 } };

describeInBrowser('the Live page', () => {
  const under = pageUnderTest();

  test('an empty server says so, and the page moves by itself when somebody searches and clicks', async () => {
    await importHearts(under.app.client);
    const page = await under.open('/live');
    await page.getByText('Nothing has been searched yet').waitFor();
    await searchAndClick(under.app.client, 3, 'white');
    await page.locator('.tile', { hasText: 'Searches' }).getByText('3', { exact: true }).waitFor();
    await page.locator('.tile', { hasText: 'Clicked results' }).getByText('3', { exact: true }).waitFor();
    await page.getByText('No head-to-head has been decided yet.').first().waitFor();
    await page.getByText('too early to say').first().waitFor();
    expect(under.complaints()).toEqual([]);
  });

  test('a training fills the lane, the plots and the feed; a rollback is an arrow back', async () => {
    const { client } = under.app;
    await importHearts(client);
    await learnQuickly(client, 60);
    const page = await under.open('/live');
    await searchAndClick(client, 6, 'white');
    const node = page.locator('.lane-node[data-active=true][data-state=served]', { hasText: /00\d/ });
    await node.waitFor();
    await page.locator('.serving-name', { hasText: 'ctr_model_online_' }).waitFor();
    await page.locator('.quality canvas').nth(2).waitFor();
    await page.locator('.feed li[data-kind=serving]').first().waitFor();

    await client.query('mutation { rollbackRanker(input: { reason: "too white" }) { activation { id } } }');
    await page.locator('.lane-node[data-active=true][data-mode=BASE]').waitFor();
    await page.locator('.lane-arrow-head').first().waitFor({ state: 'attached' });
    await page.locator('.lane-told', { hasText: 'too white' }).waitFor();
    await page.locator('.quality').getByText('As a table').first().click();
    await page.locator('.quality table').getByRole('columnheader', { name: 'new model' }).waitFor();
    expect(under.complaints()).toEqual([]);
  });

  test('the feed is filtered, and the filter stands in the address', async () => {
    const { client } = under.app;
    await importHearts(client);
    await learnQuickly(client, 60);
    const page = await under.open('/live');
    await searchAndClick(client, 6, 'white');
    await page.locator('.feed li[data-kind=serving]').first().waitFor();
    await page.getByRole('radio', { name: 'Trainings' }).check();
    expect(new URL(page.url()).search).toBe('?feed=trainings');
    expect(await page.locator('.feed li:not([data-kind=run])').count()).toBe(0);
    expect(await page.locator('.feed li[data-kind=run]').count()).toBeGreaterThan(0);
  });

  test('on a phone nothing is wider than the screen, and a checkpoint is told of when it is touched', async () => {
    const { client } = under.app;
    await importHearts(client);
    await learnQuickly(client, 60);
    await searchAndClick(client, 6, 'white');
    const page = await under.open('/live', PHONE);
    await page.locator('.quality canvas').nth(2).waitFor();
    expect(await overflow(page)).toBeLessThanOrEqual(0);
    await page.locator('.lane-node[data-mode=BASE]').focus();
    await page.locator('.lane-told', { hasText: 'base ranker' }).waitFor();
    await page.keyboard.press('ArrowRight');
    await page.locator('.lane-told', { hasText: 'ctr_model_online_' }).waitFor();
  });
});
