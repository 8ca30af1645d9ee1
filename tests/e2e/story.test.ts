/** The whole story in Chromium, as its user lives it: from an empty server to one that has learned, been rolled back, reconfigured and restarted. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Browser, Page } from 'playwright-core';
import { describeInBrowser, launchBrowser, openPage, type WatchedPage } from '../support/browser.js';
import { freePort } from '../support/free-port.js';
import { startApp, type RunningApp } from '../support/running-app.js';
import { importHearts } from './catalogue.js';

const SETTLE_AT_ONCE = 'mutation { updateOnlineLearningConfig(input: { attributionWindowSeconds: 0, explorationRate: 0, proofRate: 0 }) { config { revision } } }';
const SOMEBODY_ELSE = 'mutation { updateOnlineLearningConfig(input: { trainingThreshold: 300 }) { config { revision } } }';

describeInBrowser('a first hour with Rankloop', () => {
  let browser: Browser;
  let app: RunningApp;
  let watched: WatchedPage;

  beforeAll(async () => {
    // A port of its own, so that the restarted server is where the page looks for it.
    [browser, app] = await Promise.all([launchBrowser(), startApp({ PORT: String(await freePort()) })]);
  });
  afterAll(async () => {
    await watched.page.context().close();
    await browser.close();
    await app.stop();
  });

  const titles = (page: Page): Promise<string[]> => page.locator('.hit-title').allTextContents();
  const goTo = (page: Page, name: string): Promise<void> => page.getByRole('link', { name, exact: true }).first().click();

  /** Searches in the page, and clicks what is wanted wherever it stands. */
  async function searchAndClickInPage(page: Page, title: string): Promise<void> {
    await page.locator('input[type=search]').fill('heart');
    await page.keyboard.press('Enter');
    // What stood there before stays until the answer is here.
    await page.locator('.found[aria-busy=false] .hit').nth(9).waitFor();
    const wanted = page.locator('.hit', { has: page.locator('.hit-title', { hasText: title }) });
    await wanted.locator('.hit-title').click();
    await wanted.locator('.hit-click[data-state=recorded]').waitFor();
  }

  test('empty → documents → search and click → a training → the clicked result rises, and why → rolled back, undone → settings in conflict → restarted', async () => {
    watched = await openPage(browser, `${app.url}/`);
    const { page } = watched;

    // Empty: it says what to do, and what it says works as it stands.
    await page.getByText('The catalogue is empty').waitFor();
    const commands = await page.locator('.command pre').allTextContents();
    const curl = commands.find((command) => command.startsWith('curl '));
    expect((await promisify(execFile)('sh', ['-c', curl!])).stdout).toContain('"imported":');
    await importHearts(app.client);
    await app.client.query(SETTLE_AT_ONCE);

    // A threshold for one who tries it alone, chosen in the page.
    await goTo(page, 'Settings');
    const threshold = page.getByTestId('field-trainingThreshold');
    await threshold.getByRole('button', { name: '20', exact: true }).click();
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText('Saved, and in force everywhere').waitFor();

    // Search and click until it trains.
    await goTo(page, 'Search');
    await searchAndClickInPage(page, 'purple heart');
    const before = await titles(page);
    const place = before.indexOf('purple heart');
    expect(place).toBeGreaterThan(2);
    for (let time = 0; time < 12; time += 1) await searchAndClickInPage(page, 'purple heart');
    await page.getByTestId('ranker').getByText(/ctr_model_online_\d{3}/).waitFor();
    await page.locator('.feed li[data-kind=run][data-status=SUCCEEDED]').first().waitFor();

    // What was clicked has risen, with an arrow, and the page says why.
    await searchAndClickInPage(page, 'purple heart');
    expect((await titles(page))[0]).toBe('purple heart');
    await page.locator('.hit:first-child .moved', { hasText: '▲' }).waitFor();
    await page.locator('.hit:first-child .hit-why').click();
    await page.locator('.why-sentence', { hasText: /clicked .+ moves it from \d+th to 1st/ }).waitFor();

    // Live tells of it; Models rolls back, to the text ranking in the end, and undoes it.
    await goTo(page, 'Live');
    await page.locator('.feed li[data-kind=serving]').first().waitFor();
    await app.client.query('mutation { updateOnlineLearningConfig(input: { enabled: false }) { config { revision } } }');
    await goTo(page, 'Models');
    await page.getByRole('button', { name: 'Roll back' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Roll back' }).click();
    await page.getByText(/^Rolled back:/).waitFor();
    // What served is what was rolled back from: a training that was under way may have ended just before.
    const { activations } = await app.client.query('{ activations(first: 1) { edges { node { reason ranker { id } previous { id } } } } }');
    const [{ node: rollback }] = activations.edges;
    expect(rollback.reason).toBe('ROLLED_BACK');
    const served = rollback.previous.id;
    expect(rollback.ranker.id).not.toBe(served);
    await page.getByRole('button', { name: 'Undo' }).click();
    await page.getByText(`Undone: ${served} ranks again.`).waitFor();
    await app.client.query('mutation { activateRanker(input: { rankerId: "base" }) { activation { id } } }');
    await goTo(page, 'Search');
    await page.getByTestId('ranker').getByText('base ranker').waitFor();
    await page.locator('input[type=search]').fill('hearts');
    await page.keyboard.press('Enter');
    await page.locator('.found[aria-busy=false] .hit').nth(9).waitFor();
    expect(await titles(page)).toEqual(before);

    // Somebody else saves first.
    await goTo(page, 'Settings');
    await threshold.getByRole('textbox').fill('50');
    await app.client.query(SOMEBODY_ELSE);
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText('Somebody else changed the settings meanwhile.').waitFor();
    await threshold.getByRole('button', { name: 'Keep mine: 50' }).click();
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText('Saved, and in force everywhere').waitFor();
    expect((await app.client.query('{ onlineLearningConfig { trainingThreshold } }')).onlineLearningConfig.trainingThreshold).toBe(50);
    expect([...watched.complaints, ...watched.strangers]).toEqual([]);

    // The server goes away and comes back; the page notices both, and goes on.
    const away = page.locator('.dot:not([data-state=live])').waitFor();
    const restarted = app.restart();
    await away;
    await restarted;
    await page.locator('.dot[data-state=live]').waitFor();
    await goTo(page, 'Search');
    await searchAndClickInPage(page, 'purple heart');
  }, 120_000);
});
