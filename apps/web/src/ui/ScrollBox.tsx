import type { ReactNode } from 'react';
import { cx } from './cx.ts';

/** Preformatted text that may scroll; it takes the focus, so that the keyboard can scroll it too. */
export function ScrollBox({ label, children, className }: { label?: string; children: ReactNode; className?: string }) {
  // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- what scrolls must be reachable by keyboard (WCAG 2.1.1)
  return (
    <pre className={cx('code', className)} tabIndex={0} aria-label={label}>
      {children}
    </pre>
  );
}
