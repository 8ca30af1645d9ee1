/** A socket's answers come in the order of their events, whatever each takes to put together. */
import { expect, test } from '@jest/globals';
import { EventOrder } from '../../../src/server/event-order.js';

test('an answer waits for the slower answer of an earlier event, and is handed on at once when there is none', () => {
  const order = new EventOrder();
  const told: string[] = [];
  order.answer(() => told.push('first'));
  expect(told).toEqual(['first']);
  const slow = order.begin();
  const quick = order.begin();
  order.answer(() => told.push('last'));
  quick.answer(() => told.push('quick'));
  expect(told).toEqual(['first']);
  slow.answer(() => told.push('slow'));
  expect(told).toEqual(['first', 'slow', 'quick', 'last']);
});

test('what an answer sets off comes after the answers that wait', () => {
  const order = new EventOrder();
  const told: string[] = [];
  const slow = order.begin();
  order.answer(() => told.push('waiting'));
  slow.answer(() => order.answer(() => told.push('set off')));
  expect(told).toEqual(['waiting', 'set off']);
});
