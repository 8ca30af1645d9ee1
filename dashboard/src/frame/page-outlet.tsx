/** The page at the address: its code is fetched when it is first opened; the page before stays until the next one is there. */
import { Component, useEffect, useState, type ComponentType } from 'react';
import { Empty } from '../components/empty.js';
import { Notice } from '../components/notice.js';
import { Skeleton } from '../components/skeleton.js';
import { useWords } from '../language.js';
import type { PageId, Route } from '../routes.js';
import { Link } from './link.js';

interface Opened {
  id: PageId;
  /** null: its code could not be fetched. */
  Page: ComponentType | null;
}

export function PageOutlet({ route }: { route: Route | undefined }): React.JSX.Element {
  const {
    strings: { common },
  } = useWords();
  const [opened, setOpened] = useState<Opened | null>(null);
  const [attempt, setAttempt] = useState(0);

  useEffect(() => {
    if (!route) return;
    let isCurrent = true;
    route.load().then(
      (Page) => isCurrent && setOpened({ id: route.id, Page }),
      () => isCurrent && setOpened({ id: route.id, Page: null }),
    );
    return () => {
      isCurrent = false;
    };
  }, [route, attempt]);

  if (!route) {
    return (
      <Empty title={common.noSuchPage}>
        <p>{common.noSuchPageHint}</p>
        <p>
          <Link href="/">{common.pages.search}</Link>
        </p>
      </Empty>
    );
  }
  if (!opened) return <Skeleton rows={6} height={72} />;
  const { id, Page } = opened;
  if (!Page) {
    // After an update of the server the old page's code is gone: then only loading the whole page anew helps.
    const again = attempt === 0 ? () => setAttempt(1) : () => location.reload();
    return <Notice tone="error" title={common.pageFailed} text={common.pageBrokeHint} onRetry={again} />;
  }
  return (
    <Fence key={id} fallback={<Notice tone="error" title={common.pageBroke} text={common.pageBrokeHint} onRetry={() => location.reload()} />}>
      <Page />
    </Fence>
  );
}

/** Keeps a fault of one page from taking the frame and the other pages with it. */
class Fence extends Component<{ fallback: React.ReactNode; children: React.ReactNode }, { isBroken: boolean }> {
  override state = { isBroken: false };

  static getDerivedStateFromError(): { isBroken: boolean } {
    return { isBroken: true };
  }

  override render(): React.ReactNode {
    return this.state.isBroken ? this.props.fallback : this.props.children;
  }
}
