/** Rows that change places glide there, and new ones fade in, so that the eye can follow; without motion for those who asked for none. */
import { useLayoutEffect, useRef, type RefObject } from 'react';

const GLIDE_MS = 600;
const easing = 'cubic-bezier(0.2, 0, 0, 1)';

/** @param order what stands where; a change of it starts the glide. Rows are the container's elements with a `data-key`. */
export function useGlide(container: RefObject<HTMLElement | null>, order: string): void {
  const places = useRef(new Map<string, number>());
  const lastOrder = useRef('');

  useLayoutEffect(() => {
    const rows = [...(container.current?.querySelectorAll<HTMLElement>('[data-key]') ?? [])];
    const before = places.current;
    places.current = new Map(rows.map((row) => [row.dataset.key ?? '', row.offsetTop]));
    const isNew = lastOrder.current !== order;
    lastOrder.current = order;
    if (!isNew || before.size === 0 || matchMedia('(prefers-reduced-motion: reduce)').matches) return;
    for (const row of rows) {
      const was = before.get(row.dataset.key ?? '');
      if (was === undefined) row.animate({ opacity: [0, 1] }, { duration: GLIDE_MS, easing });
      else if (was !== row.offsetTop) row.animate({ transform: [`translateY(${was - row.offsetTop}px)`, 'none'] }, { duration: GLIDE_MS, easing });
    }
  });
}
