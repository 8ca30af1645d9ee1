/** The few drawings of the page, as inline SVG in the colour of the text. */
import type { Theme } from '../preferences.js';
import type { PageId } from '../routes.js';

const themes: Record<Theme, React.JSX.Element> = {
  auto: (
    <>
      <circle cx="12" cy="12" r="8" />
      <path d="M12 4a8 8 0 0 1 0 16z" fill="currentColor" stroke="none" />
    </>
  ),
  light: (
    <>
      <circle cx="12" cy="12" r="4" />
      <path d="M12 2v3M12 19v3M2 12h3M19 12h3M5 5l2 2M17 17l2 2M19 5l-2 2M7 17l-2 2" />
    </>
  ),
  dark: <path d="M20 14.5A8.5 8.5 0 0 1 9.5 4 8.5 8.5 0 1 0 20 14.5z" />,
};

const navigation: Record<PageId | 'playground', React.JSX.Element> = {
  search: (
    <>
      <circle cx="10.5" cy="10.5" r="6.5" />
      <path d="M15.5 15.5 21 21" />
    </>
  ),
  live: <path d="M2 12h5l3-8 4 16 3-8h5" />,
  models: <path d="m12 3 9 5-9 5-9-5zM3 12.5l9 5 9-5M3 17l9 5 9-5" />,
  samples: <path d="M3 5h18v14H3zM3 10h18M3 14.5h18M9 10v9" />,
  settings: (
    <>
      <path d="M3 7h10M19 7h2M3 17h2M11 17h10" />
      <circle cx="16" cy="7" r="3" />
      <circle cx="8" cy="17" r="3" />
    </>
  ),
  playground: <path d="m8 6-6 6 6 6M16 6l6 6-6 6" />,
};

export function ThemeIcon({ theme }: { theme: Theme }): React.JSX.Element {
  return <Icon>{themes[theme]}</Icon>;
}

export function NavigationIcon({ page }: { page: PageId | 'playground' }): React.JSX.Element {
  return <Icon>{navigation[page]}</Icon>;
}

function Icon({ children }: { children: React.ReactNode }): React.JSX.Element {
  return (
    <svg className="icon" viewBox="0 0 24 24" aria-hidden="true">
      {children}
    </svg>
  );
}
