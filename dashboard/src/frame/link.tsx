/** A link to another place of this page: without loading it anew, yet a real link for "open in a new tab" and "copy address". */
import { useApp } from '../app-context.js';

interface LinkProps extends Omit<React.AnchorHTMLAttributes<HTMLAnchorElement>, 'href' | 'onClick'> {
  href: string;
}

export function Link({ href, children, ...rest }: LinkProps): React.JSX.Element {
  const { router } = useApp();
  const follow = (event: React.MouseEvent): void => {
    const isPlain = event.button === 0 && !event.metaKey && !event.ctrlKey && !event.shiftKey && !event.altKey;
    if (!isPlain) return;
    event.preventDefault();
    router.go(href);
  };
  return (
    <a href={href} onClick={follow} {...rest}>
      {children}
    </a>
  );
}
