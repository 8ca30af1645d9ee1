/** The counts as tiles, each with a line of the last minutes. */
import { clickRates, type CountHistory } from '../../count-history.js';
import type { StatsFragment } from '../../generated/operations.js';
import { useWords } from '../../language.js';
import { Sparkline } from '../../plots/sparkline.js';
import { useOfNow } from '../../use-now.js';

/** Buckets of 2 s over which a click rate is taken: fewer would jump about. */
const RATE_BUCKETS = 15;

export function LiveTiles({ stats, counts }: { stats: StatsFragment | null; counts: CountHistory }): React.JSX.Element {
  const {
    strings: { live: words },
    formats,
  } = useWords();
  const nowMs = useOfNow((now) => now);
  const growth = counts.growth(nowMs);
  const count = (value: number | undefined): string => (value === undefined ? '–' : formats.count(value));
  const recent = (of: 'searches' | 'total' | 'positive'): string => {
    const value = counts.perMinute(of, nowMs);
    return value === null ? words.watching : words.perMinute(formats.count(Math.round(value)));
  };
  const series = (of: 'searches' | 'total' | 'positive'): (number | null)[] => growth.map((bucket) => bucket?.[of] ?? null);
  const rates = clickRates(growth, RATE_BUCKETS);
  const rateNow = rates.at(-1) ?? null;
  return (
    <ul className="tiles">
      <Tile title={words.searches} value={count(stats?.searches)} recent={recent('searches')} values={series('searches')} />
      <Tile title={words.clicks} value={count(stats?.positive)} recent={recent('positive')} values={series('positive')} hint={words.clicksHint} />
      <Tile title={words.clickRate} value={stats && stats.total > 0 ? formats.share(stats.clickRate) : '–'} recent={rateNow === null ? words.noRateNow : words.rateNow(formats.share(rateNow))} values={rates} />
      <Tile title={words.samples} value={count(stats?.total)} recent={recent('total')} values={series('total')} hint={words.samplesHint} />
    </ul>
  );
}

interface TileProps {
  title: string;
  value: string;
  recent: string;
  values: readonly (number | null)[];
  hint?: string;
}

function Tile({ title, value, recent, values, hint }: TileProps): React.JSX.Element {
  return (
    <li className="card tile" title={hint}>
      <span className="tile-title">{title}</span>
      <b className="tile-value">{value}</b>
      <span className="quiet tile-recent">{recent}</span>
      {/* The bucket under way would always look like a fall. */}
      <Sparkline values={values.slice(0, -1)} />
    </li>
  );
}

