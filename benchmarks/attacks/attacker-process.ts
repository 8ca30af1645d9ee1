/** Attacks on demand: each line of input, `{ name, url, sender, seconds, many }`, is so many at once, each trying again as soon as it is refused; a line of output says what they saw. */
import { createInterface } from 'node:readline';
import { ATTACKS } from './attacks.js';

export interface Order {
  name: string;
  url: string;
  /** Headers that say who sends it. */
  sender: Readonly<Record<string, string>>;
  seconds: number;
  many: number;
}

/** Milliseconds until it was refused, by the answer. */
export type Seen = Record<string, number[]>;

for await (const line of createInterface({ input: process.stdin })) {
  const { name, url, sender, seconds, many } = JSON.parse(line) as Order;
  const attack = ATTACKS.find((one) => one.name === name);
  if (!attack) throw new Error(`no such attack: ${name}`);
  const seen: Seen = {};
  const until = performance.now() + seconds * 1_000;
  await Promise.all(
    Array.from({ length: many }, async () => {
      while (performance.now() < until) {
        const startedAt = performance.now();
        const answer = await attack.attempt(url, sender);
        (seen[answer] ??= []).push(performance.now() - startedAt);
      }
    }),
  );
  console.log(JSON.stringify(seen));
}
