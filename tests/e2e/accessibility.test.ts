/** Every page of the dashboard by axe-core, light and dark, on a desktop and on a phone: no serious or critical violation, nothing wider than the screen, no complaint in the console. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Browser, Page } from 'playwright-core';
import { seriousViolations } from '../support/axe.js';
import { describeInBrowser, launchBrowser, openPage } from '../support/browser.js';
import { startApp, type RunningApp } from '../support/running-app.js';
import { learnHearts } from './catalogue.js';

interface View {
  name: string;
  path: string;
  /** Brings it into the state that is looked at; resolves when it is there. */
  open: (page: Page) => Promise<unknown>;
}

const views: readonly View[] = [
  {
    name: 'search, with an explanation and a click',
    path: '/?q=heart',
    open: async (page) => {
      await page.locator('.hit-title').nth(1).click();
      await page.locator('.hit-click[data-state=recorded]').waitFor();
      await page.locator('.hit-why').first().click();
      await page.locator('.bars').first().waitFor();
      await page.locator('.why-more').click();
    },
  },
  { name: 'search, nothing asked', path: '/', open: (page) => page.locator('.chip').first().waitFor() },
  {
    name: 'two rankers compared',
    path: '/?q=heart&left=base&right=active',
    open: async (page) => {
      await page.locator('.slope-side li').first().waitFor();
      await page.locator('.compare-table summary').click();
    },
  },
  {
    name: 'the choice of a ranker',
    path: '/?q=heart&left=base&right=active',
    open: async (page) => {
      await page.locator('.picker-button').first().click();
      await page.locator('.picker-list li').nth(2).waitFor();
    },
  },
  { name: 'live', path: '/live', open: (page) => page.locator('main h2').first().waitFor() },
  { name: 'models', path: '/models', open: (page) => page.getByText('ctr_model_online_001').nth(1).waitFor() },
  { name: 'samples', path: '/samples', open: (page) => page.locator('main tbody tr').first().waitFor() },
  {
    name: 'settings, with unsaved changes and a refusal',
    path: '/settings',
    open: async (page) => {
      await page.getByTestId('field-explorationRate').getByRole('textbox').fill('7');
      await page.getByTestId('field-enabled').getByRole('switch').click();
      await page.locator('.save-bar [type=submit]').click();
      await page.locator('.setting-fault').waitFor();
    },
  },
  {
    name: 'a question before a deed',
    path: '/settings',
    open: async (page) => {
      await page.locator('main .button[data-kind=danger]').click();
      await page.locator('dialog').waitFor();
    },
  },
  { name: 'an address that leads nowhere', path: '/nowhere', open: (page) => page.locator('.hint').waitFor() },
];

const devices = [
  { device: 'a desktop', viewport: { width: 1280, height: 900 } },
  { device: 'a phone', viewport: { width: 390, height: 844 } },
];

describeInBrowser('every page', () => {
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

  for (const { device, viewport } of devices) {
    test.each(views)(`on ${device}: $name`, async ({ path, open }) => {
      const { page, complaints, strangers } = await openPage(browser, `${app.url}${path}`, { viewport, colorScheme: 'light', hasTouch: device === 'a phone', reducedMotion: 'reduce' });
      await open(page);
      const light = await seriousViolations(page);
      await page.emulateMedia({ colorScheme: 'dark' });
      expect({ light, dark: await seriousViolations(page) }).toEqual({ light: [], dark: [] });
      expect(await page.evaluate<number>('document.documentElement.scrollWidth - document.documentElement.clientWidth')).toBe(0);
      expect([...complaints, ...strangers]).toEqual([]);
      await page.context().close();
    });
  }
});
