/** What is going on, at a glance: the counts, the next training, what serves, how checkpoints followed each other, and whether learning helps. */
import { useEffect, useMemo } from 'react';
import { useApp } from '../../app-context.js';
import { Empty } from '../../components/empty.js';
import { Notice } from '../../components/notice.js';
import { TrainingCard } from '../../components/training-card.js';
import { useIsAway } from '../../frame/away.js';
import { Link } from '../../frame/link.js';
import { useWords } from '../../language.js';
import { useFrameStore } from '../../use-frame-store.js';
import { CheckpointLane } from './checkpoint-lane.js';
import { HistoryStore } from './history-store.js';
import { LiveFeed } from './live-feed.js';
import { LiveTiles } from './live-tiles.js';
import { ProofCard } from './proof-card.js';
import { QualityCards } from './quality-cards.js';
import { ServingCard } from './serving-card.js';
import './live-page.css';

export function LivePage(): React.JSX.Element {
  const { client, live, counts } = useApp();
  const {
    strings: { live: words },
  } = useWords();
  const state = useFrameStore(live);
  const isAway = useIsAway();
  const history = useMemo(() => new HistoryStore(client, live), [client, live]);
  useEffect(() => history.start(), [history]);
  const { data, error } = useFrameStore(history);
  const isEmpty = state.stats !== null && state.stats.total === 0 && state.stats.searches === 0 && (data === null || data.checkpoints.edges.length === 0);

  return (
    <div className="live" data-ready={state.stats !== null && data !== null}>
      {isEmpty && (
        <Empty title={words.emptyTitle}>
          <p>
            {words.emptyText} <Link href="/">{words.emptyLink}</Link>
          </p>
        </Empty>
      )}
      {error && error.code !== 'NETWORK' && <Notice tone="error" title={words.historyFailed} text={`${error.message} ${words.historyFailedHint}`} onRetry={() => void history.read()} />}
      <LiveTiles stats={state.stats} counts={counts} />
      <div className="live-pair">
        <TrainingCard live={state} isAway={isAway} />
        <ServingCard live={state} history={data} />
      </div>
      <ProofCard proof={data?.learningProof ?? null} />
      <CheckpointLane history={data} activeId={state.ranker?.id ?? null} />
      <QualityCards history={data} />
      <LiveFeed feed={state.feed} />
    </div>
  );
}
