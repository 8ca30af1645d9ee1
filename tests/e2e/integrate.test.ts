/** docs/integrate.md, word for word: its curl commands, its page, its React component and its subscriptions, on a server with keys. */
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Browser, Page } from 'playwright-core';
import { describeInBrowser, launchBrowser, openPage } from '../support/browser.js';
import { freePort } from '../support/free-port.js';
import { eventually } from '../support/operations.js';
import { startApp, type RunningApp } from '../support/running-app.js';

const ADMIN_KEY = 'admin-0123456789abcdef';
const PUBLIC_KEY = 'public-0123456789abcdef';
/** A compiler on a machine that runs other tests at once. */
const COMPILING_MS = 240_000;

const run = promisify(execFile);
const root = fileURLToPath(new URL('../..', import.meta.url));
const tool = (name: string): string => path.join(root, 'node_modules', name);

describeInBrowser('docs/integrate.md', () => {
  let browser: Browser;
  let app: RunningApp;
  let project: string;
  let shop: Server;
  let shopUrl: string;
  /** What the shop serves, by path. */
  const files = new Map<string, string>();

  /** The one code block under a heading, with the addresses and keys of this test in place of the examples. */
  const snippet = async (heading: string): Promise<string> => {
    const text = await readFile(path.join(root, 'docs', 'integrate.md'), 'utf8');
    const section = text.split(/^## /m).find((part) => part.startsWith(`${heading}\n`)) ?? '';
    const [block, ...others] = [...section.matchAll(/^```\w+\n(.*?)^```$/gms)].map(([, code]) => code ?? '');
    if (!block || others.length > 0) throw new Error(`One code block was expected under "${heading}", not ${others.length + (block ? 1 : 0)}.`);
    return block.replaceAll('http://localhost:4000', app.url).replaceAll('YOUR_PUBLIC_KEY', PUBLIC_KEY).replaceAll('YOUR_ADMIN_KEY', ADMIN_KEY);
  };

  const stats = async (): Promise<{ searches: number; positive: number }> => (await app.client.query('{ sampleStats { searches positive } }')).sampleStats;

  /** Searches for shoes on a page, follows the first result, and sees both recorded. */
  const searchAndFollow = async (page: Page): Promise<void> => {
    const before = await stats();
    await page.getByRole('searchbox').fill('shoes');
    await page.getByRole('button').click();
    await page.locator('ol a').nth(1).waitFor();
    await page.locator('ol a').first().click();
    await page.waitForURL(/\/shoes\/(red|blue)$/);
    await eventually(async () => expect(await stats()).toEqual({ searches: before.searches + 1, positive: before.positive + 1 }));
  };

  beforeAll(async () => {
    const shopPort = await freePort();
    shopUrl = `http://127.0.0.1:${shopPort}`;
    [browser, app] = await Promise.all([launchBrowser(), startApp({ RANKLOOP_ADMIN_KEYS: ADMIN_KEY, RANKLOOP_PUBLIC_KEYS: PUBLIC_KEY, RANKLOOP_ALLOWED_ORIGINS: shopUrl })]);
    shop = createServer((request, response) => {
      const file = files.get(request.url ?? '');
      response.setHeader('content-type', request.url?.endsWith('.js') ? 'text/javascript' : 'text/html').end(file ?? '<!doctype html><link rel="icon" href="data:,"><title>Elsewhere</title>');
    });
    shop.listen(shopPort, '127.0.0.1');
    await once(shop, 'listening');

    await run(process.execPath, ['scripts/build.js', 'server', 'declarations'], { cwd: root });
    project = await mkdtemp(path.join(tmpdir(), 'rankloop-integrate-'));
    await mkdir(path.join(project, 'node_modules', '@types'), { recursive: true });
    for (const name of ['react', 'react-dom', '@types/react', '@types/react-dom', '@types/node']) await symlink(path.join(root, 'node_modules', name), path.join(project, 'node_modules', name));
    await symlink(root, path.join(project, 'node_modules', 'rankloop'));
    await writeFile(path.join(project, 'package.json'), '{ "type": "module" }');
  }, COMPILING_MS);

  afterAll(async () => {
    await browser.close();
    shop.closeAllConnections();
    shop.close();
    await app.stop();
    await rm(project, { recursive: true, force: true });
  });

  test('the commands import documents, search, and record a click once', async () => {
    const commands = await snippet('curl');
    const { stdout } = await run('bash', ['-euo', 'pipefail', '-c', `${commands}\n${commands.trimEnd().split('\n').at(-1)}`]);
    const answers = stdout.trim().split('\n').map((line) => (JSON.parse(line) as { data: Record<string, unknown> }).data);
    expect(answers).toEqual([
      { importDocuments: { imported: 2, errors: [] } },
      { search: { searchId: expect.any(String), results: [expect.objectContaining({ position: 1 }), expect.objectContaining({ position: 2 })] } },
      { recordClick: { duplicate: false } },
      { recordClick: { duplicate: true } },
    ]);
  });

  test('the plain page searches, and its links record their clicks', async () => {
    files.set('/plain', (await snippet('Plain HTML')).replace('<meta charset', '<link rel="icon" href="data:,"><meta charset'));
    const { page, complaints } = await openPage(browser, `${shopUrl}/plain`);
    await searchAndFollow(page);
    expect(complaints).toEqual([]);
    await page.context().close();
  });

  test('the script that the README begins with searches, and records a click', async () => {
    const readme = await readFile(path.join(root, 'README.md'), 'utf8');
    const script = /^```html\n(.*?)^```$/ms.exec(readme)?.[1] ?? '';
    files.set('/readme', `<!doctype html><link rel="icon" href="data:,"><title>README</title>${script.replaceAll('http://localhost:4000', app.url).replace('{ url:', `{ key: '${PUBLIC_KEY}', url:`)}`);
    const before = await stats();
    const { page, complaints } = await openPage(browser, `${shopUrl}/readme`);
    await eventually(async () => expect(await stats()).toEqual({ searches: before.searches + 1, positive: before.positive + 1 }));
    expect(complaints).toEqual([]);
    await page.context().close();
  });

  test('the React component compiles, searches, and its links record their clicks', async () => {
    await writeFile(path.join(project, 'search.tsx'), await snippet('React'));
    await writeFile(path.join(project, 'main.tsx'), `import { createRoot } from 'react-dom/client';\nimport { Search } from './search.js';\ncreateRoot(document.querySelector('main')!).render(<Search userId="u1" />);\n`);
    await writeFile(path.join(project, 'index.html'), '<!doctype html><link rel="icon" href="data:,"><title>React</title><main></main><script type="module" src="/main.tsx"></script>');
    await compile({ lib: ['ES2022', 'DOM', 'DOM.Iterable'], module: 'ESNext', moduleResolution: 'Bundler', jsx: 'react-jsx', types: [], noEmit: true }, 'main.tsx');
    await run(process.execPath, [tool('vite/bin/vite.js'), 'build', '--logLevel', 'error', '--assetsDir', '.'], { cwd: project });
    const html = await readFile(path.join(project, 'dist', 'index.html'), 'utf8');
    const script = /src="(\/[^"]+\.js)"/.exec(html)?.[1] ?? '';
    files.set('/react', html);
    files.set(script, await readFile(path.join(project, 'dist', script), 'utf8'));
    const { page, complaints } = await openPage(browser, `${shopUrl}/react`);
    await searchAndFollow(page);
    expect(complaints).toEqual([]);
    await page.context().close();
  }, COMPILING_MS);

  test('the subscriptions compile, and tell of searches as they happen', async () => {
    await writeFile(path.join(project, 'events.ts'), await snippet('TypeScript: events'));
    await compile({ lib: ['ES2022'], module: 'NodeNext', types: ['node'], outDir: 'out' }, 'events.ts');
    const child = spawn(process.execPath, ['out/events.js'], { cwd: project, stdio: ['ignore', 'pipe', 'inherit'] });
    const lines = createInterface(child.stdout);
    const before = (await stats()).searches;
    const exited = once(child, 'exit');
    let isLive = false;
    try {
      for await (const line of lines) {
        isLive ||= line === 'live 1';
        if (line.startsWith(`${before} searches, `)) await app.client.query('mutation { search(input: { query: "shoes" }) { searchId } }');
        if (line.startsWith(`${before + 1} searches, `)) break;
      }
    } finally {
      child.kill();
      await exited;
    }
    expect(isLive).toBe(true);
  }, COMPILING_MS);

  async function compile(options: object, file: string): Promise<void> {
    await writeFile(path.join(project, 'tsconfig.json'), JSON.stringify({ compilerOptions: { target: 'ES2022', strict: true, ...options }, files: [file] }));
    await run(process.execPath, [tool('typescript/bin/tsc')], { cwd: project }).catch((error: { stdout: string }) => {
      throw new Error(error.stdout);
    });
  }
});
