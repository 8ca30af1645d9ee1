/** What a person chose for this browser: theme and language, kept in local storage; nothing chosen follows the system. */
import { Store } from './store.js';

export type Theme = 'auto' | 'light' | 'dark';
export type Language = 'en' | 'zh';

export interface Preferences {
  theme: Theme;
  language: Language;
}

const KEY = 'rankloop.preferences';
export const themes: readonly Theme[] = ['auto', 'light', 'dark'];
export const languages: readonly Language[] = ['en', 'zh'];

export class PreferenceStore extends Store<Preferences> {
  constructor() {
    super(read());
    this.#apply();
    this.subscribe(() => {
      this.#apply();
      try {
        localStorage.setItem(KEY, JSON.stringify(this.get()));
      } catch {
        // Storage may be full or forbidden: the choice then lasts as long as the page.
      }
    });
  }

  nextTheme(): void {
    this.patch({ theme: after(themes, this.get().theme) });
  }

  nextLanguage(): void {
    this.patch({ language: after(languages, this.get().language) });
  }

  #apply(): void {
    const { theme, language } = this.get();
    document.documentElement.dataset.theme = theme;
    document.documentElement.lang = language;
  }
}

function read(): Preferences {
  let stored: Partial<Preferences> = {};
  try {
    stored = (JSON.parse(localStorage.getItem(KEY) ?? '{}') ?? {}) as Partial<Preferences>;
  } catch {
    // Unreadable is as good as never chosen.
  }
  return {
    theme: themes.find((theme) => theme === stored.theme) ?? 'auto',
    language: languages.find((language) => language === stored.language) ?? (navigator.language.startsWith('zh') ? 'zh' : 'en'),
  };
}

function after<T>(values: readonly T[], value: T): T {
  return values[(values.indexOf(value) + 1) % values.length] ?? value;
}
