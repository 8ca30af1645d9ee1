/** The Models page in Chromium, on a real server: what is there, what can be done, and what is said before it is done. */
import { expect, test } from '@jest/globals';
import type { Page } from 'playwright-core';
import { describeInBrowser } from '../support/browser.js';
import { importHearts, learnQuickly, searchAndClick } from './catalogue.js';
import { overflow, pageUnderTest } from './page-under-test.js';

describeInBrowser('the Models page', () => {
  const under = pageUnderTest();

  /** Trains online so many times, by nothing but searches and clicks. @returns the checkpoints' ids, oldest first */
  const learn = async (times: number): Promise<string[]> => {
    const { client } = under.app;
    await importHearts(client);
    await learnQuickly(client, 60);
    const events = await client.subscribe('subscription { modelReloaded { ranker { id } } }');
    for (let time = 1; time <= times; time += 1) {
      await searchAndClick(client, 5, 'white');
      await events.count(time);
    }
    return events.events.map((event) => event.modelReloaded.ranker.id as string);
  };
  const names = (page: Page): Promise<string[]> => page.locator('[data-testid=checkpoints] tbody th').allTextContents();
  const serving = async (): Promise<string> => (await under.app.client.query('{ activeRanker { id } }')).activeRanker.id;

  test('an empty server says how a checkpoint comes to be', async () => {
    const page = await under.open('/models');
    await page.getByText('No checkpoint yet').waitFor();
    await page.getByText('There are no samples to learn from yet.').waitFor();
    expect(await page.getByRole('button', { name: 'Train now' }).isDisabled()).toBe(true);
    expect(under.complaints()).toEqual([]);
  });

  test('what ranks stands first, whatever its age; rolling back says what is set aside, and can be undone', async () => {
    const [first = '', second = '', third = ''] = await learn(3);
    const page = await under.open('/models');
    await page.locator('[data-testid=checkpoints] tbody tr').nth(2).waitFor();
    expect(await names(page)).toEqual([third, second, first]);

    await page.getByRole('button', { name: 'Roll back' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByText(`Go back to ${second}?`).waitFor();
    await dialog.getByText(`Learning goes on from ${second} with new clicks. What 003 learned is set aside.`).waitFor();
    await dialog.getByRole('textbox').fill('too white');
    await dialog.getByRole('button', { name: 'Roll back' }).click();
    await page.getByText(`Rolled back: ${second} ranks now.`).waitFor();
    expect(await serving()).toBe(second);
    await page.locator('[data-testid=checkpoints] tbody tr:first-child', { hasText: second }).waitFor();

    await page.getByRole('button', { name: 'Undo' }).click();
    await page.getByText(`Undone: ${third} ranks again.`).waitFor();
    expect(await serving()).toBe(third);
    expect(under.complaints()).toEqual([]);
  });

  test('a checkpoint tells its figures, draws its curves, knows its parents, and is activated, archived and deleted after asking', async () => {
    const [first = '', second = ''] = await learn(2);
    const page = await under.open(`/models/${first}`);
    await page.locator('.plot canvas').nth(1).waitFor();
    await page.getByText('still what is assumed before anything is learned').waitFor();
    await page.getByText('While learning').waitFor();
    await page.locator('.line').getByText('base ranker').first().waitFor();

    await page.getByRole('button', { name: 'Activate' }).click();
    await page.getByRole('dialog').getByText('What 002 learned is set aside.').waitFor();
    await page.getByRole('dialog').getByRole('button', { name: 'Activate' }).click();
    await page.getByText(`${first} ranks now.`).waitFor();
    expect(await serving()).toBe(first);

    await page.getByRole('link', { name: 'All models' }).click();
    await page.getByRole('link', { name: second }).first().click();
    await page.getByRole('button', { name: 'Archive' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Archive' }).click();
    await page.locator('.state[data-state=ARCHIVED]').first().waitFor();
    await page.getByRole('button', { name: 'Judge now' }).click();
    await page.getByText('Queries judged').waitFor();
    await page.getByRole('button', { name: 'Delete' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
    await page.locator('.state[data-state=REMOVED]').first().waitFor();
    expect(under.complaints()).toEqual([]);
  });

  test('training offline shows its run, and clearing away says before what would go', async () => {
    await learn(2);
    const page = await under.open('/models');
    await page.getByRole('button', { name: 'Train now' }).click();
    await page.getByRole('dialog').locator('.check input').uncheck();
    await page.getByRole('dialog').getByRole('button', { name: 'Train now' }).click();
    await page.locator('[data-testid=runs] tr', { hasText: 'Offline · by hand' }).getByText('succeeded').waitFor();
    await page.locator('[data-testid=checkpoints]').getByText('ctr_model_v1').waitFor();

    await page.getByRole('button', { name: 'Clear away' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByText('Nothing would go.').waitFor();
    await dialog.getByLabel('Keep the newest').fill('1');
    await dialog.getByText('1 checkpoint would go').waitFor();
    await dialog.getByRole('button', { name: 'Delete 1 checkpoint' }).click();
    await page.getByText('1 checkpoint deleted.').waitFor();
    const { checkpoints } = await under.app.client.query('{ checkpoints(first: 10, kept: true) { edges { node { mode number } } } }');
    expect(checkpoints.edges.map(({ node }: { node: object }) => node)).toEqual([{ mode: 'OFFLINE', number: 1 }, { mode: 'ONLINE', number: 2 }]);
    expect(under.complaints()).toEqual([]);
  });

  test('an unknown checkpoint is said to be unknown, and a phone shows the list without scrolling sideways', async () => {
    const page = await under.open('/models/no-such', { viewport: { width: 390, height: 844 } });
    await page.getByText('There is no checkpoint “no-such”').waitFor();
    await page.getByRole('link', { name: 'All models' }).click();
    await page.getByText('No checkpoint yet').waitFor();
    expect(await overflow(page)).toBeLessThanOrEqual(0);
  });
});
