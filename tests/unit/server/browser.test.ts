/** In a real browser: the playground works with nothing from outside, and a foreign page can neither mutate nor subscribe. */
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Browser, Page } from 'playwright-core';
import { describeInBrowser, launchBrowser } from '../../support/browser.js';
import { post, startTestServer, type TestServer } from './support.js';

describeInBrowser('in Chromium', () => {
  let browser: Browser;
  let site: TestServer;
  beforeAll(async () => {
    site = await startTestServer();
    browser = await launchBrowser();
  });
  afterAll(async () => {
    await browser.close();
    await site.server.stop();
  });

  describe('the playground', () => {
    const complaints: string[] = [];
    const addresses: string[] = [];
    let page: Page;
    beforeAll(async () => {
      page = await browser.newPage();
      page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()));
      page.on('pageerror', (error) => complaints.push(error.message));
      page.on('request', (request) => addresses.push(request.url()));
      await page.goto(`${site.url}/graphiql`);
      await page.waitForSelector('.graphiql-execute-button');
    });

    async function run(operationName: string, query: string): Promise<void> {
      await page.click('.graphiql-query-editor .CodeMirror');
      await page.keyboard.press('Control+A');
      await page.keyboard.insertText(query);
      // GraphiQL notes a moment later which operation the editor holds, and would ask for the one before.
      while ((await page.evaluate(`localStorage.getItem('graphiql:operationName')`)) !== operationName);
      await page.click('.graphiql-execute-button');
    }

    test('opens with the example operations as tabs', async () => {
      const tabs = await page.locator('.graphiql-tab-button').allTextContents();
      expect(tabs).toEqual(['Search', 'RecordClick', 'Settings', 'UpdateSettings', 'LiveSamples', 'LiveModels', 'Compare', 'Train']);
      expect(await page.locator('.graphiql-query-editor').textContent()).toContain('search(input: { query: "heart"');
    });

    test('runs a query', async () => {
      await run('Hello', 'query Hello { hello(name: "browser") }');
      await page.locator('.result-window', { hasText: 'hello browser' }).waitFor();
    });

    test('shows live events', async () => {
      const subscribed = once(site.stage, 'subscribed');
      await run('Ticks', 'subscription Ticks { ticks }');
      await subscribed;
      site.stage.emit('tick', 'a live event');
      await page.locator('.result-window', { hasText: 'a live event' }).waitFor();
    });

    test('asks no other origin for anything, and breaks no rule of the policy', () => {
      expect(addresses.filter((address) => !address.startsWith(site.url) && !address.startsWith('data:') && !address.startsWith('blob:'))).toEqual([]);
      expect(complaints).toEqual([]);
    });
  });

  describe('a page of another origin', () => {
    let foreign: Server;
    let page: Page;
    beforeAll(async () => {
      foreign = createServer((_request, response) => response.setHeader('content-type', 'text/html').end('<!doctype html><title>foreign</title>')).listen(0, '127.0.0.1');
      await once(foreign, 'listening');
      page = await browser.newPage();
      await page.goto(`http://127.0.0.1:${(foreign.address() as AddressInfo).port}/`);
    });
    afterAll(() => {
      foreign.close();
      foreign.closeAllConnections();
    });

    async function bumps(): Promise<unknown> {
      return (await post(site.graphql, { query: 'mutation { bump(by: 0) }' })).body.data?.bump;
    }

    test('cannot mutate, not even blindly', async () => {
      const before = await bumps();
      const outcomes = await page.evaluate(async (url: string) => {
        const body = JSON.stringify({ query: 'mutation { bump }' });
        const attempts: RequestInit[] = [
          { method: 'POST', headers: { 'content-type': 'application/json' }, body },
          { method: 'POST', headers: { 'content-type': 'text/plain' }, body, mode: 'no-cors' },
          { method: 'POST', body: new URLSearchParams({ query: 'mutation { bump }' }), mode: 'no-cors' },
        ];
        return Promise.all(attempts.map((init) => fetch(url, init).then((response) => response.type, () => 'refused')));
      }, site.graphql);
      expect(outcomes).toEqual(['refused', 'refused', 'refused']);
      expect(await bumps()).toBe(before);
    });

    test('cannot open a socket', async () => {
      const outcome = await page.evaluate(
        (url: string) =>
          new Promise((resolve) => {
            const socket = new WebSocket(url, 'graphql-transport-ws');
            socket.onopen = () => resolve('open');
            socket.onclose = ({ code }) => resolve(code);
          }),
        site.socketUrl,
      );
      expect(outcome).toBe(1006);
    });
  });
});
