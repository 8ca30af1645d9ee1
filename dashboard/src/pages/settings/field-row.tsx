/** One setting: its name, what changing it does, its value with unit and bounds, and what is to be said about it. */
import { useId } from 'react';
import { Choice } from '../../components/choice.js';
import { useWords } from '../../language.js';
import type { Field } from './fields.js';
import { shownText, textOf, type SettingsDraft } from './settings-draft.js';

interface FieldRowProps {
  field: Field;
  draft: SettingsDraft;
  onEdit: (text: string) => void;
  onKeepMine: () => void;
  onTakeTheirs: () => void;
  /** What stands beside it. */
  children?: React.ReactNode;
}

export function FieldRow({ field, draft, onEdit, onKeepMine, onTakeTheirs, children }: FieldRowProps): React.JSX.Element {
  const {
    strings: { settings },
  } = useWords();
  const id = useId();
  const { name } = field;
  const words = settings.fields[name];
  const say = useValueWords(field);
  const isChanged = draft.mine[name] !== undefined;
  const isConflict = draft.conflicts.includes(name);
  const fault = draft.faults[name];
  const before = draft.theirs[name];
  return (
    <div className="setting-field" data-changed={isChanged} data-testid={`field-${name}`}>
      <div className="setting-words">
        <label htmlFor={id}>{words.name}</label>
        <code className="quiet">{name}</code>
        <p className="quiet setting-help" id={`${id}-help`}>
          {words.help}
        </p>
        {children}
      </div>
      <div className="setting-value">
        <Control id={id} field={field} text={shownText(draft, name)} isFaulty={fault !== undefined} onEdit={onEdit} />
        <p className="quiet setting-help">{useBoundsWords(field)}</p>
        {fault !== undefined && (
          <p className="setting-fault" role="alert">
            ! {fault}
          </p>
        )}
        {isConflict ? (
          <div className="setting-conflict" role="group" aria-label={settings.conflictOf(words.name)}>
            <button type="button" className="button" onClick={onKeepMine}>
              {settings.keepMine} <b>{say(shownText(draft, name))}</b>
            </button>
            <button type="button" className="button" onClick={onTakeTheirs}>
              {settings.takeTheirs} <b>{say(textOf(draft.stored, name))}</b>
            </button>
          </div>
        ) : (
          isChanged && (
            <p className="setting-unsaved">
              ● {settings.was(say(textOf(draft.stored, name)))}{' '}
              <button type="button" className="link" aria-label={settings.undoOf(words.name)} onClick={() => onEdit(textOf(draft.stored, name))}>
                {settings.undo}
              </button>
            </p>
          )
        )}
        {!isChanged && before !== undefined && <p className="setting-unsaved">{settings.changedByOthers(say(before))}</p>}
      </div>
    </div>
  );
}

interface ControlProps {
  id: string;
  field: Field;
  text: string;
  isFaulty: boolean;
  onEdit: (text: string) => void;
}

function Control({ id, field, text, isFaulty, onEdit }: ControlProps): React.JSX.Element {
  const {
    strings: { settings },
    formats,
  } = useWords();
  const { name, kind, unit } = field;
  if (kind === 'switch') {
    return (
      <span className="setting-switch">
        <input id={id} type="checkbox" role="switch" checked={text === 'true'} aria-describedby={`${id}-help`} onChange={(event) => onEdit(String(event.target.checked))} />
        <span aria-hidden="true">{text === 'true' ? settings.on : settings.off}</span>
      </span>
    );
  }
  if (kind === 'choice') {
    const options = (['INCREMENTAL', 'LOGISTIC'] as const).map((value) => ({ value, label: settings.modelTypes[value] }));
    return <Choice id={id} label={settings.fields[name].name} options={options} value={text === 'LOGISTIC' ? 'LOGISTIC' : 'INCREMENTAL'} onChange={onEdit} />;
  }
  const share = kind === 'share' && text.trim() !== '' ? Number(text.replace(',', '.')) : Number.NaN;
  return (
    <span className="setting-input">
      <input
        id={id}
        className="input"
        data-wide={kind === 'name'}
        type="text"
        inputMode={kind === 'name' ? 'text' : kind === 'whole' ? 'numeric' : 'decimal'}
        autoComplete="off"
        spellCheck={false}
        value={text}
        aria-invalid={isFaulty}
        aria-describedby={`${id}-help`}
        onChange={(event) => onEdit(event.target.value)}
      />
      {unit && <span className="quiet">{share >= 0 && share <= 1 ? settings.shareOf(formats.share(share)) : settings.units[unit]}</span>}
    </span>
  );
}

function useBoundsWords({ kind, bounds, standard }: Field): string {
  const {
    strings: { settings },
    formats,
  } = useWords();
  const say = useValueWords({ kind });
  const within = bounds ? settings.bounds(formats.count(bounds[0]), formats.count(bounds[1])) : kind === 'name' ? settings.nameBounds : '';
  return [within, settings.standard(say(standard))].filter(Boolean).join(' · ');
}

/** A value as it is said, not typed. */
function useValueWords({ kind }: Pick<Field, 'kind'>): (text: string) => string {
  const {
    strings: { settings },
    formats,
  } = useWords();
  return (text) => {
    if (kind === 'switch') return text === 'true' ? settings.on : settings.off;
    if (kind === 'choice') return settings.modelTypes[text === 'LOGISTIC' ? 'LOGISTIC' : 'INCREMENTAL'];
    const number = Number(text);
    return kind === 'name' || text.trim() === '' || !Number.isFinite(number) ? text : formats.plain(number);
  };
}
