/** The settings page in Chromium, on a real server: what is refused, what is saved, two who change the same, and keys. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Browser, Page } from 'playwright-core';
import { ApiClient } from '../support/api-client.js';
import { describeInBrowser, launchBrowser, openPage } from '../support/browser.js';
import { startApp, type RunningApp } from '../support/running-app.js';
import { importHearts } from './catalogue.js';
import { pageUnderTest } from './page-under-test.js';

const UPDATE = 'mutation ($input: UpdateOnlineLearningConfigInput!) { updateOnlineLearningConfig(input: $input) { config { revision } } }';

describeInBrowser('the settings page', () => {
  const under = pageUnderTest();
  const open = (): Promise<Page> => under.open('/settings');
  const field = (page: Page, name: string) => page.getByTestId(`field-${name}`);
  const stored = async () => (await under.app.client.query('{ onlineLearningConfig { trainingThreshold proofRate enabled revision } }')).onlineLearningConfig;

  test('a change is marked, survives a look at another page, and is saved', async () => {
    const page = await open();
    await field(page, 'trainingThreshold').getByRole('button', { name: '20', exact: true }).click();
    await field(page, 'enabled').getByRole('switch').click();
    await field(page, 'trainingThreshold').getByText('unsaved, was 100').waitFor();
    await page.getByRole('link', { name: 'Search' }).click();
    await page.locator('input[type=search]').waitFor();
    await page.getByRole('link', { name: 'Settings' }).click();
    await page.getByText('2 unsaved changes').waitFor();
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText('Saved, and in force everywhere').waitFor();
    expect(await stored()).toMatchObject({ trainingThreshold: 20, enabled: false });
    expect(under.complaints()).toEqual([]);
  });

  test('what the server refuses is said beside the field, in its words', async () => {
    const page = await open();
    await field(page, 'explorationRate').getByRole('textbox').fill('7');
    await page.getByRole('button', { name: 'Save' }).click();
    await field(page, 'explorationRate').getByRole('alert').getByText('explorationRate must be a number from 0 to 1').waitFor();
    await field(page, 'explorationRate').getByRole('button', { name: 'Undo' }).click();
    await field(page, 'trainingThreshold').getByRole('textbox').fill('99999999999');
    await page.getByRole('button', { name: 'Save' }).click();
    await field(page, 'trainingThreshold').getByRole('alert').getByText('Int cannot represent').waitFor();
    expect((await stored()).trainingThreshold).toBe(100);
  });

  test('when somebody else saved first both versions are shown, and one is chosen', async () => {
    const page = await open();
    await field(page, 'trainingThreshold').getByRole('textbox').fill('50');
    await field(page, 'checkpointRetention').getByRole('textbox').fill('9');
    await under.app.client.query(UPDATE, { input: { trainingThreshold: 200, checkpointRetention: 8, proofRate: 0.1 } });
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText('Somebody else changed the settings meanwhile.').waitFor();
    await field(page, 'proofRate').getByText('changed by somebody else, was 0.05').waitFor();
    expect(await page.getByRole('button', { name: 'Save' }).isDisabled()).toBe(true);
    await field(page, 'trainingThreshold').getByRole('button', { name: 'Keep mine: 50' }).click();
    await field(page, 'checkpointRetention').getByRole('button', { name: 'Take theirs: 8' }).click();
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText('Saved, and in force everywhere').waitFor();
    expect(await under.app.client.query('{ onlineLearningConfig { trainingThreshold checkpointRetention proofRate revision } }')).toEqual({
      onlineLearningConfig: { trainingThreshold: 50, checkpointRetention: 8, proofRate: 0.1, revision: (await stored()).revision },
    });
  });

  test('clearing samples asks first', async () => {
    await importHearts(under.app.client);
    await under.app.client.query('mutation { search(input: { query: "heart" }) { searchId } }');
    const page = await open();
    await page.getByRole('button', { name: 'Clear samples…' }).click();
    await page.locator('dialog').getByText('Forget all 10 samples and their clicks?').waitFor();
    await page.keyboard.press('Escape');
    await page.locator('dialog').waitFor({ state: 'detached' });
    await page.getByRole('button', { name: 'Clear samples…' }).click();
    await page.locator('dialog').getByRole('button', { name: 'Clear samples' }).click();
    await page.getByText('10 samples forgotten').waitFor();
    expect((await under.app.client.query('{ sampleStats { total } }')).sampleStats.total).toBe(0);
  });
});

describeInBrowser('a server with keys', () => {
  const [adminKey, publicKey] = ['admin-key-0123456789abcdef', 'public-key-0123456789abcdef'];
  let browser: Browser;
  let app: RunningApp;

  beforeAll(async () => {
    [browser, app] = await Promise.all([launchBrowser(), startApp({ RANKLOOP_ADMIN_KEYS: adminKey, RANKLOOP_PUBLIC_KEYS: publicKey })]);
    await importHearts(new ApiClient(app.url, adminKey));
  });

  afterAll(async () => {
    await browser.close();
    await app.stop();
  });

  test('the page asks for a key, refuses a wrong one, searches with the public one, does everything with the admin one, and keeps it in the tab only', async () => {
    const { page } = await openPage(browser, `${app.url}/`);
    await page.getByText('This server asks for a key.').waitFor();
    await page.getByRole('link', { name: 'Enter a key' }).click();
    const enter = async (key: string): Promise<void> => {
      await page.locator('input[type=password]').fill(key);
      await page.getByRole('button', { name: 'Use this key' }).click();
    };
    await enter('wrong-key-0123456789abcdef');
    await page.getByText('The server does not know this key.').waitFor();

    await enter(publicKey);
    await page.getByText('This key is for searching.').waitFor();
    await page.getByRole('link', { name: 'Search' }).click();
    await page.locator('input[type=search]').fill('heart');
    await page.keyboard.press('Enter');
    await page.locator('.hit-title').nth(2).click();
    await page.locator('.hit').nth(2).locator('.hit-click[data-state=recorded]').waitFor();

    await page.getByRole('link', { name: 'Enter a key' }).click();
    await enter(adminKey);
    await page.getByTestId('field-trainingThreshold').waitFor();
    await page.locator('.dot[data-state=live]').waitFor();
    expect(await page.evaluate<string>('JSON.stringify({ ...localStorage })')).not.toContain('key-0123456789');
    expect(await page.evaluate<string>('JSON.stringify({ ...sessionStorage })')).toContain(adminKey);

    await page.getByRole('button', { name: 'Forget the key' }).click();
    await page.getByText('This server asks for a key.').waitFor();
    await page.context().close();
  });
});
