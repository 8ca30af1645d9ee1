/** Who is behind a search, as a number that says nothing. */
import { createHmac } from 'node:crypto';
import { expect, test } from '@jest/globals';
import { actorOf } from '../../../src/services/actors.js';

const KEY = Buffer.from('a key of this installation alone');
const EVERYTHING = { userId: 'u', sessionId: 's', address: '203.0.113.1' };

test('the user counts before the session, the session before the address', () => {
  expect(actorOf(KEY, EVERYTHING)).toBe(actorOf(KEY, { userId: 'u', address: null }));
  expect(actorOf(KEY, { ...EVERYTHING, userId: '' })).toBe(actorOf(KEY, { sessionId: 's', address: '198.51.100.1' }));
  expect(actorOf(KEY, { ...EVERYTHING, userId: null, sessionId: null })).toBe(actorOf(KEY, { address: '203.0.113.1' }));
});

test('of whom nothing is known is nobody', () => {
  expect(actorOf(KEY, { userId: '', sessionId: '', address: null })).toBeNull();
});

test('a user is no session and no address of the same name', () => {
  expect(new Set([actorOf(KEY, { userId: 'x', address: null }), actorOf(KEY, { sessionId: 'x', address: null }), actorOf(KEY, { address: 'x' })]).size).toBe(3);
});

test('the number is the first eight bytes of an HMAC: another key, another number', () => {
  const digest = createHmac('sha256', KEY).update('address 203.0.113.1').digest('hex').slice(0, 16);
  const actor = actorOf(KEY, { address: '203.0.113.1' })!;
  expect(BigInt.asUintN(64, actor).toString(16).padStart(16, '0')).toBe(digest);
  expect(actorOf(Buffer.from('another'), { address: '203.0.113.1' })).not.toBe(actor);
});
