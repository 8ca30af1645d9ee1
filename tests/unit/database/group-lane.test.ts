/** Group commit by itself: whose request a group belongs to. */
import { AsyncLocalStorage } from 'node:async_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from '@jest/globals';
import { GroupLane } from '../../../src/database/group-lane.js';

test('a group is written as part of the first of its own requests, also when it waited for another', async () => {
  const request = new AsyncLocalStorage<string>();
  const groups: { items: readonly string[]; within: string | undefined }[] = [];
  const lane = new GroupLane<string, string>({
    execute: async (items) => {
      await sleep(5);
      groups.push({ items, within: request.getStore() });
      return items;
    },
    rowsOf: () => 1,
    groupRows: 10,
  });
  const outcomes = await Promise.all(['a', 'b', 'c'].map((name) => request.run(name, () => lane.submit(name))));
  expect(outcomes).toEqual(['a', 'b', 'c']);
  expect(groups).toEqual([
    { items: ['a'], within: 'a' },
    { items: ['b', 'c'], within: 'b' },
  ]);
});
