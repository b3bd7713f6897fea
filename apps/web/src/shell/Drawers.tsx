import { useLocation } from '@tanstack/react-router';
import { Suspense, lazy } from 'react';
import { parseStack } from '../drawers.ts';

const Drawer = lazy(() => import('./Drawer.tsx').then((module) => ({ default: module.Drawer })));

/** The drawer on top of the stack in the URL. It lies beside the page, not over it: the page stays usable. Escape and Back unstack. */
export function Drawers() {
  const open = useLocation({ select: (location) => (location.search as { open?: string }).open });
  const stack = parseStack(open);
  const top = stack.at(-1);
  if (!top) return null;
  return (
    <Suspense fallback={null}>
      <Drawer key={`${top.kind}:${top.id}`} at={top} stack={stack} />
    </Suspense>
  );
}
