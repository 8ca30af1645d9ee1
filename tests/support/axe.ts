/** What axe-core finds wrong with a page: injected through the debugger, so that the page's own security policy stays in force. */
import axe, { type AxeResults } from 'axe-core';
import type { Page } from 'playwright-core';

/** The serious and critical ones, one line each; none is what is wanted. */
export async function seriousViolations(page: Page): Promise<string[]> {
  await page.evaluate(axe.source);
  const { violations } = (await page.evaluate('axe.run(document, { resultTypes: ["violations"] })')) as AxeResults;
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, impact, help, nodes }) => `${impact}: ${id} (${help}) at ${nodes.map(({ target }) => target.join(' ')).join(', ')}`);
}
