/** The settings of learning: each with what it does, what was changed, what the server says of it, and whose value goes when two change it. */
import { useEffect, useState } from 'react';
import { useApp } from '../../app-context.js';
import { Card } from '../../components/card.js';
import { Notice } from '../../components/notice.js';
import { RelativeTime } from '../../components/relative-time.js';
import { Skeleton } from '../../components/skeleton.js';
import { Config, UpdateConfig } from '../../generated/operations.js';
import { RequestError } from '../../graphql-client.js';
import { useWords } from '../../language.js';
import { useStore } from '../../store.js';
import { useRequest } from '../../use-request.js';
import { FieldRow } from './field-row.js';
import { groups, type Group } from './fields.js';
import { draftOf, edit, fieldOfRefusal, inputOf, keepMine, receive, takeTheirs, type SettingsDraft } from './settings-draft.js';
import { ThresholdGuide } from './threshold-guide.js';

const groupNames: readonly Group[] = ['when', 'how', 'keep'];

export function LearningSettings(): React.JSX.Element {
  const {
    strings: { settings, common },
  } = useWords();
  const { settings: store } = useApp();
  const draft = useStore(store);
  const { data, error, reload } = useRequest(Config, {});

  useEffect(() => {
    if (!data) return;
    const before = store.get();
    store.set(before ? receive(before, data.onlineLearningConfig) : draftOf(data.onlineLearningConfig));
  }, [store, data]);

  // Somebody else may have changed them while this tab was in the background.
  useEffect(() => {
    const look = (): void => {
      if (document.visibilityState === 'visible') reload();
    };
    document.addEventListener('visibilitychange', look);
    return () => document.removeEventListener('visibilitychange', look);
  }, [reload]);

  if (draft) return <Form draft={draft} />;
  return (
    <Card title={settings.learning}>
      {error ? <Notice tone="error" title={error.code === 'NETWORK' ? common.serverAway : error.message} onRetry={reload} /> : <Skeleton rows={10} height={64} />}
    </Card>
  );
}

function Form({ draft }: { draft: SettingsDraft }): React.JSX.Element {
  const {
    strings: { settings, common },
    formats,
  } = useWords();
  const { client, settings: store } = useApp();
  const [isBusy, setIsBusy] = useState(false);
  const [outcome, setOutcome] = useState<'saved' | RequestError | null>(null);
  const changes = Object.keys(draft.mine).length;
  const hasConflict = draft.conflicts.length > 0 || Object.keys(draft.theirs).length > 0;

  const save = async (event: React.FormEvent): Promise<void> => {
    event.preventDefault();
    const { input, unreadable } = inputOf(draft);
    if (unreadable.length > 0) {
      store.set({ ...draft, faults: { ...draft.faults, ...Object.fromEntries(unreadable.map((name) => [name, settings.notANumber])) } });
      return;
    }
    setIsBusy(true);
    setOutcome(null);
    try {
      const { updateOnlineLearningConfig } = await client.request(UpdateConfig, { input });
      store.set(draftOf(updateOnlineLearningConfig.config));
      setOutcome('saved');
    } catch (error) {
      if (!(error instanceof RequestError)) throw error;
      const field = error.code === 'BAD_USER_INPUT' ? fieldOfRefusal(error) : null;
      if (error.code === 'CONFLICT') store.set(receive(draft, (await client.request(Config, {})).onlineLearningConfig));
      else if (field) store.set({ ...draft, faults: { [field]: error.message } });
      else setOutcome(error);
    } finally {
      setIsBusy(false);
    }
  };

  return (
    <form className="settings-form" aria-label={settings.learning} noValidate onSubmit={(event) => void save(event)}>
      {hasConflict && <Notice tone="warning" title={settings.conflict} text={draft.conflicts.length > 0 ? settings.conflictHint(draft.conflicts.length) : settings.conflictSolved} />}
      {groupNames.map((group) => (
        <Card key={group} title={settings.groups[group]}>
          {groups[group].map((field) => (
            <FieldRow
              key={field.name}
              field={field}
              draft={draft}
              onEdit={(text) => store.set(edit(draft, field.name, text))}
              onKeepMine={() => store.set(keepMine(draft, field.name))}
              onTakeTheirs={() => store.set(takeTheirs(draft, field.name))}
            >
              {field.name === 'trainingThreshold' && <ThresholdGuide draft={draft} onChoose={(threshold) => store.set(edit(draft, 'trainingThreshold', String(threshold)))} />}
            </FieldRow>
          ))}
        </Card>
      ))}
      <p className="quiet setting-help">
        {settings.revision(formats.count(draft.stored.revision))} · <RelativeTime at={draft.stored.updatedAt} />
      </p>
      <div className="save-bar" data-shown={changes > 0 || outcome !== null}>
        <span role="status">
          {outcome instanceof RequestError ? `! ${outcome.code === 'NETWORK' ? common.serverAway : outcome.message}` : changes > 0 ? settings.unsaved(changes) : outcome === 'saved' ? `✓ ${settings.saved}` : ''}
        </span>
        {changes > 0 && (
          <>
            <button type="button" className="button" disabled={isBusy} onClick={() => store.set(draftOf(draft.stored))}>
              {settings.discard}
            </button>
            <button type="submit" className="button" data-kind="primary" disabled={isBusy || draft.conflicts.length > 0}>
              {settings.save}
            </button>
          </>
        )}
      </div>
    </form>
  );
}
