/** The chaos suite: kills the server and its PostgreSQL under load, again and again, and compares what was acknowledged with what is stored. */
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { isClean, type Findings } from './comparison.js';
import { parseOptions, USAGE, type ChaosOptions } from './options.js';
import { figuresOf, tableOf, testsLine } from './report.js';
import { ServerUnderTest } from './server-under-test.js';
import { ChaosSuite, WHOLE_EVERY, type RoundReport } from './suite.js';

const BUILD = fileURLToPath(new URL('../../scripts/build.js', import.meta.url));
/** More of one kind would hide the others. */
const MOST_SHOWN = 5;

async function main({ rounds, seed, jsonFile }: ChaosOptions): Promise<boolean> {
  const startedAt = performance.now();
  execFileSync(process.execPath, [BUILD, 'server'], { stdio: 'inherit' });
  const server = await ServerUnderTest.create();
  let passed = false;
  const interrupted = (): void => void server.discard({ keep: false }).finally(() => process.exit(130));
  process.once('SIGINT', interrupted).once('SIGTERM', interrupted);
  try {
    const suite = new ChaosSuite(server, seed);
    console.log(`${rounds} rounds with the seed ${seed}; each round compares what it wrote, every ${WHOLE_EVERY}th and the end compare everything.`);
    const { tried, unnoticed, findings } = await suite.begin();
    console.log(`The comparison noticed ${tried - unnoticed.length} of ${tried} things done to the database.`);
    show(findings);
    show({ lost: [], duplicated: [], wrong: unnoticed });
    const reports: RoundReport[] = [];
    for (let round = 1; round <= rounds; round++) {
      const report = await suite.round(round);
      reports.push(report);
      console.log(`${isClean(report.findings) ? '✓' : '✗'} ${round}. ${report.kind}: ${report.recoveredMs === null ? 'not recovered' : `recovered in ${Math.round(report.recoveredMs)} ms`}, ${report.retried} clicks sent again, ${report.stored} of them stored before`);
      show(report.findings);
      if (report.recoveredMs === null) break;
    }
    const isDown = reports.at(-1)?.recoveredMs === null;
    const { runs, promoted, takenUp, ...last } = isDown ? { lost: [], duplicated: [], wrong: ['nothing could be compared in the end'], runs: 0, promoted: 0, takenUp: 0 } : await suite.end();
    suite.load.close();
    show(last);
    const all = [findings, ...reports.map((report) => report.findings), last];
    const figures = figuresOf({ seed, rounds: reports, all, entries: suite.ledger.entries(), trained: { runs, promoted, takenUp }, slowestRefusalMs: suite.load.slowestRefusalMs, slowestStopMs: server.slowestStopMs, seconds: (performance.now() - startedAt) / 1_000 });
    if (jsonFile !== null) writeFileSync(jsonFile, `${JSON.stringify(figures)}\n`);
    const good = reports.filter((report) => isClean(report.findings)).length;
    const isGoodAtLast = isClean(findings) && isClean(last) && unnoticed.length === 0;
    passed = good === rounds && isGoodAtLast;
    console.log(`\n${tableOf(figures)}\n`);
    if (!passed) console.log(`The server's log and data are kept: ${server.logFile}`);
    console.log(testsLine(good + Number(isGoodAtLast), rounds - good + Number(!isGoodAtLast)));
    return passed;
  } catch (error) {
    console.log(`The server's last words:\n${await server.logTail()}`);
    throw error;
  } finally {
    await server.discard({ keep: !passed });
  }
}

function show(findings: Findings): void {
  for (const [kind, texts] of Object.entries(findings) as [string, string[]][]) {
    for (const text of texts.slice(0, MOST_SHOWN)) console.log(`    ${kind}: ${text}`);
    if (texts.length > MOST_SHOWN) console.log(`    ${kind}: and ${texts.length - MOST_SHOWN} more`);
  }
}

try {
  process.exitCode = (await main(parseOptions(process.argv.slice(2)))) ? 0 : 1;
} catch (error) {
  console.error(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n${USAGE}`);
  process.exitCode = 1;
}
