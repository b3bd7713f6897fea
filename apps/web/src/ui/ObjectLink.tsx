import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { formatStack, parseStack, pushDrawer, type DrawerRef } from '../drawers.ts';

/** A link that opens an object in a drawer over the page at hand; it is a real address, so it can be copied and opened in a tab. */
export function ObjectLink({
  at,
  children,
  className,
  row = false,
}: {
  at: DrawerRef;
  children: ReactNode;
  className?: string;
  row?: boolean;
}) {
  return (
    <Link
      to="."
      search={(before: { open?: string }) => ({
        ...before,
        open: formatStack(pushDrawer(parseStack(before.open), at)),
        inner: undefined,
      })}
      state={(before) => ({ ...before, drawer: true })}
      resetScroll={false}
      className={className ?? 'hover:underline hover:decoration-line-strong hover:underline-offset-3'}
      data-object={`${at.kind}:${at.id}`}
      data-row={row || undefined}
    >
      {children}
    </Link>
  );
}
