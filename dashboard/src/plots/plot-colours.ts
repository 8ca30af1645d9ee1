/** The tokens of tokens.css as colours that a canvas takes, in the theme in force. */

const tokens = { text: '--text', quiet: '--quiet', line: '--line', surface: '--surface', accent: '--accent', good: '--good', warn: '--warn', bad: '--bad' } as const;

export type Tone = keyof typeof tokens;
export type PlotColours = Record<Tone, string>;

/** A custom property holds `light-dark(…)` as written: only a real property of an element in the page says which of the two it is. */
export function readColours(within: HTMLElement): PlotColours {
  const probe = document.createElement('span');
  probe.hidden = true;
  within.append(probe);
  const read = (token: string): string => {
    probe.style.color = `var(${token})`;
    return getComputedStyle(probe).color;
  };
  const colours = Object.fromEntries(Object.entries(tokens).map(([tone, token]) => [tone, read(token)])) as PlotColours;
  probe.remove();
  return colours;
}

/** Calls back when the theme changes: by the page's switch, or with the system. @returns how to stop it */
export function onThemeChange(changed: () => void): () => void {
  const observer = new MutationObserver(changed);
  observer.observe(document.documentElement, { attributes: true, attributeFilter: ['data-theme'] });
  const system = window.matchMedia('(prefers-color-scheme: dark)');
  system.addEventListener('change', changed);
  return () => {
    observer.disconnect();
    system.removeEventListener('change', changed);
  };
}
