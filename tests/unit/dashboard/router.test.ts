/** What an address means. */
import { describe, expect, test } from '@jest/globals';
import { sectionOf, withParams } from '../../../dashboard/src/router.js';

describe('sectionOf', () => {
  test('the first part of the path names the page, what follows is its own', () => {
    expect(['/', '/models', '/models/41', '/live/'].map(sectionOf)).toEqual(['/', '/models', '/models', '/live']);
  });
});

describe('withParams', () => {
  test('changes what is given, keeps the rest, and leaves out what is empty', () => {
    expect(withParams('/samples', new URLSearchParams('q=tea&clicked=true&page=2'), { q: 'green tea', clicked: null, page: '' })).toBe('/samples?q=green+tea');
  });

  test('without parameters no question mark is left', () => {
    expect(withParams('/', new URLSearchParams('q=tea'), { q: null })).toBe('/');
  });
});
