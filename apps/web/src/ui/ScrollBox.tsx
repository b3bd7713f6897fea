import type { ReactNode } from 'react';
import { cx } from './cx.ts';

/** Preformatted text that may scroll; it takes the focus, so that the keyboard can scroll it too. */
/** `end`: begins at its end, where a program says why it failed; a column that is laid out backwards is scrolled there without a script. */
export function ScrollBox({
  label,
  children,
  className,
  end = false,
}: {
  label?: string;
  children: ReactNode;
  className?: string;
  end?: boolean;
}) {
  // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- what scrolls must be reachable by keyboard (WCAG 2.1.1)
  return (
    <pre className={cx('code', end && 'flex flex-col-reverse', className)} tabIndex={0} aria-label={label}>
      {end ? <span>{children}</span> : children}
    </pre>
  );
}
