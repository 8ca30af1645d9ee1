/** Settings: how the page looks, which keys it knows, and what is dangerous. */
import { useApp } from '../../app-context.js';
import { Card } from '../../components/card.js';
import { Choice } from '../../components/choice.js';
import { Table } from '../../components/table.js';
import { useWords } from '../../language.js';
import { languages, themes, type Language } from '../../preferences.js';
import { useStore } from '../../store.js';
import { DangerZone } from './danger-zone.js';
import { KeyEntry } from './key-entry.js';
import { LearningSettings } from './learning-settings.js';
import './settings-page.css';

const languageNames: Record<Language, string> = { en: 'English', zh: '中文' };

export function SettingsPage(): React.JSX.Element {
  const services = useApp();
  const access = useStore(services.access);
  const draft = useStore(services.settings);
  const isKeyWanted = access !== 'open';
  return (
    <div className="settings-page">
      {isKeyWanted && <KeyEntry />}
      {(access === 'open' || draft) && <LearningSettings />}
      <Appearance />
      {!isKeyWanted && <KeyEntry />}
      <Keyboard />
      {access === 'open' && <DangerZone />}
    </div>
  );
}

function Appearance(): React.JSX.Element {
  const {
    strings: { settings },
  } = useWords();
  const { preferences } = useApp();
  const { theme, language } = useStore(preferences);
  return (
    <Card title={settings.appearance}>
      <div className="setting-line">
        <span>{settings.theme}</span>
        <Choice label={settings.theme} value={theme} options={themes.map((value) => ({ value, label: settings.themes[value] }))} onChange={(value) => preferences.patch({ theme: value })} />
      </div>
      <div className="setting-line">
        <span>{settings.language}</span>
        <Choice label={settings.language} value={language} options={languages.map((value) => ({ value, label: languageNames[value] }))} onChange={(value) => preferences.patch({ language: value })} />
      </div>
    </Card>
  );
}

function Keyboard(): React.JSX.Element {
  const {
    strings: { settings },
  } = useWords();
  const keys = [
    { keys: ['/'], effect: settings.slash },
    { keys: ['↓', '↑'], effect: settings.arrows },
    { keys: ['Enter'], effect: settings.enter },
    { keys: ['Esc'], effect: settings.escape },
  ];
  return (
    <Card title={settings.keyboard}>
      <Table
        label={settings.keyboard}
        rows={keys}
        keyOf={(row) => row.effect}
        columns={[
          {
            key: 'key',
            title: settings.key,
            isHeader: true,
            render: (row) => row.keys.map((key) => <kbd key={key}>{key}</kbd>),
          },
          { key: 'effect', title: settings.effect, render: (row) => row.effect },
        ]}
      />
    </Card>
  );
}
