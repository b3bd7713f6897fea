import { useLocation, useParams } from '@tanstack/react-router';
import type { DrawerKind } from '../drawers.ts';
import { NotFound } from '../ui/States.tsx';
import { ObjectView } from '../views/ObjectView.tsx';
import { cx } from '../ui/cx.ts';

const KIND: Record<string, DrawerKind> = {
  agents: 'agent',
  beads: 'bead',
  merges: 'merge',
  runs: 'run',
  convoys: 'convoy',
  runners: 'runner',
};

/** An object opened alone: the same view as its drawer, with the page's width. */
export function ObjectPage() {
  const { id } = useParams({ strict: false });
  const kind = useLocation({ select: (location) => KIND[location.pathname.split('/')[3] ?? ''] });
  if (!id || !kind) return <NotFound />;
  return (
    <div key={id} className={cx('mx-auto w-full', kind === 'agent' ? 'h-full min-h-0' : 'toast-room max-w-3xl')}>
      <ObjectView at={{ kind, id }} page />
    </div>
  );
}
