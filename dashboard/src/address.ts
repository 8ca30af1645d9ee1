/** The address holds what is asked, so that Back works and a search can be sent to somebody. */

export function queryInAddress(): string {
  return new URLSearchParams(location.search).get('q') ?? '';
}

export function goTo(query: string): void {
  const url = new URL(location.href);
  const asked = query.trim();
  if (asked) url.searchParams.set('q', asked);
  else url.searchParams.delete('q');
  if (url.href !== location.href) history.pushState(null, '', url);
}
