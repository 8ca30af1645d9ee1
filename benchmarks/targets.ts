/** What the benchmarks must reach, and what would be better still, beside what was measured. */
import type { LearningFigures } from './learning-benchmark.js';
import { USUAL_USERS, type BenchmarkOptions } from './options.js';

interface Target {
  name: string;
  measured: number | null | undefined;
  pass: number;
  stretch: number;
  /** Whether less is better. */
  less?: boolean;
}

/** Of the users the ranking is made for, and of others: in traffic after 50,000 searches. */
const OTHER_USERS: Readonly<Record<string, readonly [pass: number, stretch: number]>> = {
  'pbm:0.5': [0.82, 0.86],
  'pbm:1.5': [0.7, 0.77],
  cascade: [0.8, 0.84],
  noise: [0.66, 0.74],
};

/** Prints a line for every target that was run, with "pass", "stretch" or "MISSED". */
export function printTargets(figures: LearningFigures, options: BenchmarkOptions): void {
  const reached = targetsOf(figures, options).filter(({ measured }) => measured !== null && measured !== undefined && !Number.isNaN(measured));
  if (reached.length === 0) return;
  console.log(`${'target'.padEnd(44)}${'measured'.padStart(9)}${'pass'.padStart(9)}${'stretch'.padStart(9)}`);
  for (const { name, measured, pass, stretch, less = false } of reached) {
    const meets = (bound: number): boolean => (less ? measured! <= bound : measured! >= bound);
    const verdict = meets(stretch) ? 'stretch' : meets(pass) ? 'pass' : 'MISSED';
    console.log(`${name.padEnd(44)}${number(measured!)}${number(pass)}${number(stretch)}   ${verdict}`);
  }
}

function targetsOf({ yandex, cranfield }: LearningFigures, { users: given, drift, explorationRate, holdoutFrom }: BenchmarkOptions): Target[] {
  const targets: Target[] = [];
  const users = given ?? USUAL_USERS;
  if (cranfield && drift) targets.push({ name: 'in traffic, 30,000 searches after a drift', measured: cranfield.inTraffic['60000'], pass: 0.69, stretch: 0.74 });
  if (cranfield && !drift && users === USUAL_USERS && explorationRate === 0.5) {
    const { base, inTraffic, unseen, shown, examinationError } = cranfield;
    targets.push(
      { name: 'base nDCG@10', measured: base.ndcg10, pass: 0.36, stretch: 0.378 },
      { name: 'base recall@50', measured: base.recall50, pass: 0.63, stretch: 0.65 },
      { name: 'in traffic after 1,000', measured: inTraffic['1000'], pass: 0.49, stretch: 0.52 },
      { name: 'in traffic after 5,000', measured: inTraffic['5000'], pass: 0.61, stretch: 0.65 },
      { name: 'in traffic after 20,000', measured: inTraffic['20000'], pass: 0.72, stretch: 0.76 },
      { name: 'in traffic after 50,000', measured: inTraffic['50000'], pass: 0.78, stretch: 0.82 },
      ...['5000', '20000', '50000'].map((mark) => ({
        name: `unseen after ${Number(mark).toLocaleString('en')}, above base`,
        measured: unseen[mark] === undefined ? null : unseen[mark] - base.ndcg10,
        pass: 0.012,
        stretch: 0.025,
      })),
    );
    if (inTraffic['50000'] !== undefined) {
      targets.push({ name: 'shown, mean to 50,000', measured: shown, pass: 0.69, stretch: 0.73 });
      targets.push({ name: 'examination error', measured: examinationError, pass: 0.05, stretch: 0.025, less: true });
    }
  }
  const other = OTHER_USERS[users];
  if (cranfield && other) targets.push({ name: `in traffic after 50,000, users ${users}`, measured: cranfield.inTraffic['50000'], pass: other[0], stretch: other[1] });
  if (yandex && holdoutFrom === 36145) {
    targets.push(
      { name: 'Yandex progressive log loss', measured: yandex.progressive.logLoss, pass: 0.3291, stretch: 0.3286, less: true },
      { name: 'Yandex progressive normalised entropy', measured: yandex.progressive.normalizedEntropy, pass: 0.8508, stretch: 0.8495, less: true },
      { name: 'Yandex progressive AUC', measured: yandex.progressive.auc, pass: 0.7664, stretch: 0.7677 },
      { name: 'Yandex frozen log loss', measured: yandex.frozen.logLoss, pass: 0.3288, stretch: 0.328, less: true },
      { name: 'Yandex frozen calibration, distance from 1', measured: yandex.frozen.calibration === null ? null : Math.abs(yandex.frozen.calibration - 1), pass: 0.02, stretch: 0.01, less: true },
    );
  }
  return targets;
}

function number(value: number): string {
  return value.toFixed(4).replace(/^0/, '').padStart(9);
}
