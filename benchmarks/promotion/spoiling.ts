/** What can happen to clicks on their way from users to the server. */
import { simulatedUser } from '../../src/simulation/simulated-user.js';
import { shuffled } from '../cranfield-queries.js';
import type { ShownPage } from '../traffic-page.js';

/** The pages with other clicks. */
export type Spoiling = (pages: readonly ShownPage[], random: () => number) => ShownPage[];

/** What was clicked is reported as not clicked, and the other way round. */
export const flippedClicks: Spoiling = (pages) => pages.map((page) => ({ ...page, clicks: page.clicks.map((clicked) => !clicked) }));

/** Clicks are reported for other results shown about that time. */
export const shuffledClicks: Spoiling = (pages, random) => {
  const clicks = shuffled(pages.flatMap((page) => page.clicks), random);
  return pages.map((page) => ({ ...page, clicks: clicks.splice(0, page.clicks.length) }));
};

/** Clicks do not arrive. */
export const noClicks: Spoiling = (pages) => pages.map((page) => ({ ...page, clicks: page.clicks.map(() => false) }));

/** A share of the searches is made by somebody who clicks on everything. */
export function spamClicks(share: number): Spoiling {
  const spam = simulatedUser('spam', () => 0);
  return (pages, random) => pages.map((page) => (random() < share ? { ...page, clicks: spam(page.page) } : page));
}
