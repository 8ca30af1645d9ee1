/** Attacks for some seconds, by so many at once, each as soon as it is refused: `attacker-process.ts NAME URL SECONDS MANY HEADERS`; says what it saw as JSON. */
import { ATTACKS } from './attacks.js';

const [name, url = '', seconds, many, headers = '{}'] = process.argv.slice(2);
const attack = ATTACKS.find((one) => one.name === name);
if (!attack) throw new Error(`no such attack: ${name}`);
const { attempt } = attack;
/** By the answer. */
const tookMs: Record<string, number[]> = {};
const until = performance.now() + Number(seconds) * 1_000;

await Promise.all(
  Array.from({ length: Number(many) }, async () => {
    while (performance.now() < until) {
      const startedAt = performance.now();
      const answer = await attempt(url, JSON.parse(headers));
      (tookMs[answer] ??= []).push(performance.now() - startedAt);
    }
  }),
);
console.log(JSON.stringify(tookMs));
process.exit();
