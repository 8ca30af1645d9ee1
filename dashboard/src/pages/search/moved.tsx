/** How far something moved up or down: a sign, a number, a colour, and words for those who see none of them. */
import { useWords } from '../../language.js';

/** @param places positive when it rose */
export function Moved({ places }: { places: number }): React.JSX.Element {
  const {
    strings: { search: strings },
    formats,
  } = useWords();
  const direction = Math.sign(places);
  const words = direction > 0 ? strings.risen(places) : direction < 0 ? strings.fallen(-places) : strings.unmoved;
  const sign = direction > 0 ? `▲ ${formats.count(places)}` : direction < 0 ? `▼ ${formats.count(-places)}` : '–';
  return (
    <span className="moved" data-direction={direction} title={words}>
      <span aria-hidden="true">{sign}</span>
      <span className="unseen">{words}</span>
    </span>
  );
}
