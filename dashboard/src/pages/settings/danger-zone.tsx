/** What cannot be undone: each asks first. */
import { useState } from 'react';
import { useApp } from '../../app-context.js';
import { Card } from '../../components/card.js';
import { ConfirmDialog } from '../../components/confirm-dialog.js';
import { ClearSamples } from '../../generated/operations.js';
import { useWords } from '../../language.js';
import { useStore } from '../../store.js';

export function DangerZone(): React.JSX.Element {
  const {
    strings: { settings },
    formats,
  } = useWords();
  const { client, live } = useApp();
  const { stats } = useStore(live);
  const [isAsking, setIsAsking] = useState(false);
  const [forgotten, setForgotten] = useState<number | null>(null);

  const clear = async (): Promise<void> => {
    const { clearSamples } = await client.request(ClearSamples, { input: { confirm: true } });
    setForgotten(clearSamples.deleted);
    await live.refresh();
  };

  return (
    <Card title={settings.danger}>
      <div className="setting-line">
        <span>
          <strong>{settings.clearSamples}</strong>
          <span className="quiet setting-help">{settings.clearSamplesText}</span>
        </span>
        <span role="status">{forgotten !== null && `✓ ${settings.cleared(formats.count(forgotten))}`}</span>
        <button type="button" className="button" data-kind="danger" onClick={() => setIsAsking(true)}>
          {settings.clearSamples}…
        </button>
      </div>
      {isAsking && (
        <ConfirmDialog
          title={settings.clearSamplesAsk(stats ? formats.count(stats.total) : '…')}
          text={settings.clearSamplesWill}
          action={settings.clearSamples}
          isDangerous
          onConfirm={clear}
          onClose={() => setIsAsking(false)}
        />
      )}
    </Card>
  );
}
