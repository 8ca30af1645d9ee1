/** A page of another origin, opened in the same browser, tries to drive the server in every way a page has. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Browser, Page } from 'playwright-core';
import { startApp, type RunningApp } from '../support/running-app.js';
import { describeInBrowser, launchBrowser } from '../support/browser.js';
import { importHearts } from './catalogue.js';

const mutation = 'mutation { updateOnlineLearningConfig(input: { enabled: false }) { config { enabled } } }';

describeInBrowser('a page of another origin', () => {
  let browser: Browser;
  let app: RunningApp;
  let attacker: Server;
  let page: Page;

  const isEnabled = async (): Promise<boolean> => (await app.client.query('{ onlineLearningConfig { enabled } }')).onlineLearningConfig.enabled;

  beforeAll(async () => {
    [browser, app] = await Promise.all([launchBrowser(), startApp()]);
    await importHearts(app.client);
    attacker = createServer((_request, response) => response.setHeader('content-type', 'text/html').end('<!doctype html><title>Nice page</title><body>'));
    await new Promise<void>((resolve) => attacker.listen(0, '127.0.0.1', resolve));
    page = await browser.newPage();
    // The browser counts another port as another origin, but the same site: the hardest case for a check.
    await page.goto(`http://127.0.0.1:${(attacker.address() as AddressInfo).port}/`);
  });

  afterAll(async () => {
    await browser.close();
    await new Promise((resolve) => attacker.close(resolve));
    await app.stop();
  });

  /** Runs in the page; gives what it could read of the answer, or that it got nothing. */
  const fetchThere = (init: Record<string, unknown>, query = ''): Promise<string> =>
    page.evaluate<string>(`fetch(${JSON.stringify(`${app.url}/graphql${query}`)}, ${JSON.stringify(init)}).then((r) => r.text(), () => 'nothing')`);

  test('the checks here would see a change: the server itself can be told to stop learning', async () => {
    await app.client.query(mutation);
    expect(await isEnabled()).toBe(false);
    await app.client.query(mutation.replace('false', 'true'));
    expect(await isEnabled()).toBe(true);
  });

  test('a mutation by fetch gets no answer and changes nothing', async () => {
    const answer = await fetchThere({ method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ query: mutation }) });
    expect(answer).toBe('nothing');
    expect(await isEnabled()).toBe(true);
  });

  test.each(['text/plain', 'application/x-www-form-urlencoded'])('a mutation as %s, which browsers send without asking, changes nothing', async (type) => {
    const answer = await fetchThere({ method: 'POST', mode: 'no-cors', headers: { 'content-type': type }, body: JSON.stringify({ query: mutation }) });
    expect(answer).toBe('nothing');
    expect(await isEnabled()).toBe(true);
  });

  test('a mutation by GET changes nothing', async () => {
    await fetchThere({ mode: 'no-cors' }, `?query=${encodeURIComponent(mutation)}`);
    expect(await isEnabled()).toBe(true);
  });

  test('a form that posts to the server changes nothing', async () => {
    const form = await browser.newPage();
    await form.goto(page.url());
    const answered = form.waitForResponse((response) => response.url().startsWith(app.url));
    await form.evaluate(`{
      const form = document.createElement('form');
      Object.assign(form, { method: 'POST', enctype: 'text/plain', action: ${JSON.stringify(`${app.url}/graphql`)} });
      const input = document.createElement('input');
      Object.assign(input, { name: ${JSON.stringify(`{"query":"${mutation}","x":"`)}, value: '"}' });
      form.append(input);
      document.body.append(form);
      form.submit();
    }`);
    expect((await answered).status()).toBeGreaterThanOrEqual(400);
    expect(await isEnabled()).toBe(true);
    await form.close();
  });

  test('a subscription gets no socket', async () => {
    const outcome = await page.evaluate<string>(`new Promise((resolve) => {
      const socket = new WebSocket(${JSON.stringify(`${app.url.replace(/^http/, 'ws')}/graphql`)}, 'graphql-transport-ws');
      socket.onopen = () => resolve('open');
      socket.onerror = () => resolve('refused');
    })`);
    expect(outcome).toBe('refused');
  });

  test('a query by script tag gets no answer that a script could use', async () => {
    const outcome = await page.evaluate<string>(`new Promise((resolve) => {
      const script = document.createElement('script');
      script.src = ${JSON.stringify(`${app.url}/graphql?query=%7B__typename%7D`)};
      script.onload = () => resolve('loaded');
      script.onerror = () => resolve('refused');
      document.head.append(script);
    })`);
    expect(outcome).toBe('refused');
  });

  test('the dashboard cannot be put into a frame', async () => {
    const framed = await browser.newPage();
    await framed.goto(page.url());
    const refusal = framed.waitForEvent('console', (message) => /frame/i.test(message.text()));
    await framed.evaluate(`{ const frame = document.createElement('iframe'); frame.src = ${JSON.stringify(app.url)}; document.body.append(frame); }`);
    expect((await refusal).text()).toMatch(/refused to (connect|frame|display)|frame-ancestors/i);
    await framed.close();
  });
});
