/** The demo's command line: what it takes, and what it says of anything else. */
import { expect, test } from '@jest/globals';
import { HELP, parseOptions } from '../../../demo/options.js';

test('without options it goes on for ever, with seed 1 and 6 searches a second', () => {
  expect(parseOptions([])).toEqual({ help: false, searches: Infinity, seed: 1, searchesPerSecond: 6 });
});

test('numbers are taken from either way of writing them', () => {
  expect(parseOptions(['--searches', '150', '--seed=7', '--speed', '2.5'])).toEqual({ help: false, searches: 150, seed: 7, searchesPerSecond: 2.5 });
});

test.each([
  [['--serches', '3'], /Unknown option '--serches'\. --help lists/],
  [['150'], /Unexpected argument '150'\. --help lists/],
  [['--searches'], /'--searches <value>' argument missing/],
  [['--searches', '0'], /--searches must be a whole number from 1, not "0"/],
  [['--searches', '1e3'], /--searches must be a whole number from 1, not "1e3"/],
  [['--seed', '-1'], /--seed/],
  [['--speed', '0'], /--speed must be a number of searches a second above 0, at most 1,000, not "0"/],
  [['--speed', 'fast'], /not "fast"/],
  [['--speed', '1001'], /at most 1,000/],
])('%j is refused in a sentence', (args, message) => {
  expect(() => parseOptions(args)).toThrow(message);
});

test('the help names every option', () => {
  expect(parseOptions(['--help']).help).toBe(true);
  for (const option of ['--searches N', '--seed N', '--speed N', '--help']) expect(HELP).toContain(option);
});
