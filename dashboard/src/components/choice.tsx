/** One of a few, all in sight: a row of buttons of which one is chosen (radio buttons to the keyboard and to screen readers). */
import { useId } from 'react';

interface ChoiceProps<Value extends string> {
  id?: string;
  label: string;
  options: readonly { value: Value; label: string }[];
  value: Value;
  onChange: (value: Value) => void;
}

export function Choice<Value extends string>({ id, label, options, value, onChange }: ChoiceProps<Value>): React.JSX.Element {
  const name = useId();
  return (
    <div id={id} className="choice" role="radiogroup" aria-label={label}>
      {options.map((option) => (
        <label key={option.value}>
          <input type="radio" name={name} value={option.value} checked={option.value === value} onChange={() => onChange(option.value)} />
          <span>{option.label}</span>
        </label>
      ))}
    </div>
  );
}
