import { Link, useNavigate, useRouter } from '@tanstack/react-router';
import { ArrowLeft, Maximize2, X } from 'lucide-react';
import { Suspense, useEffect, useRef } from 'react';
import { formatStack, popDrawer, type DrawerKind, type DrawerRef } from '../drawers.ts';
import { questionName } from '../asking.ts';
import { useRow } from '../replica/hooks.ts';
import { CopyButton } from '../ui/Bits.tsx';
import { IconButton } from '../ui/Button.tsx';
import { Loading } from '../ui/States.tsx';
import { ObjectView } from '../views/ObjectView.tsx';
import { cx } from '../ui/cx.ts';
import { useTownId } from './town-id.ts';

const pageOf = (town: string, ref: DrawerRef): string =>
  `/t/${town}/${({ bead: 'beads', agent: 'agents', merge: 'merges', rig: 'rigs', run: 'runs', convoy: 'convoys', runner: 'runners' } satisfies Record<DrawerKind, string>)[ref.kind]}/${ref.id}`;

/** One object beside the page, with what closes it. */
export function Drawer({ at, stack }: { at: DrawerRef; stack: readonly DrawerRef[] }) {
  const town = useTownId();
  const navigate = useNavigate();
  const router = useRouter();
  const box = useRef<HTMLDialogElement>(null);
  const title = useObjectTitle(at);
  const back = () => {
    if (router.state.location.state.drawer) router.history.back();
    else
      void navigate({
        to: '.',
        replace: true,
        search: (before: { open?: string }) => ({ ...before, open: formatStack(popDrawer(stack)), inner: undefined }),
      });
  };
  const closeAll = () =>
    void navigate({ to: '.', search: (before: { open?: string }) => ({ ...before, open: undefined, inner: undefined }) });
  useEffect(() => {
    const element = box.current;
    const escape = (event: KeyboardEvent) => {
      if (event.key === 'Escape' && !event.defaultPrevented) {
        event.preventDefault();
        back();
      }
    };
    element?.addEventListener('keydown', escape);
    return () => element?.removeEventListener('keydown', escape);
  });
  useEffect(() => {
    const from = document.activeElement;
    box.current?.focus({ preventScroll: true });
    return () => {
      if (from instanceof HTMLElement && from.isConnected) from.focus({ preventScroll: true });
    };
  }, []);
  return (
    <dialog
      ref={box}
      open
      aria-label={title}
      tabIndex={-1}
      className="slide fixed inset-0 z-30 m-0 flex h-auto max-h-none w-full max-w-none flex-col border-0 border-line bg-bg p-0 text-fg outline-none sm:top-12 sm:left-auto sm:w-[min(600px,calc(100vw-64px))] sm:border-l sm:shadow-pop"
    >
      <div className="flex h-11 shrink-0 items-center gap-1 border-b border-line px-2">
        {stack.length > 1 && (
          <IconButton label="Back to the drawer below" onClick={back}>
            <ArrowLeft size={16} />
          </IconButton>
        )}
        <code className="px-2 text-xs text-muted">{at.id}</code>
        {stack.length > 1 && <span className="text-xs text-faint">{stack.length} open</span>}
        <span className="flex-1" />
        <CopyButton label="Copy link" text={`${location.origin}${pageOf(town, at)}`} />
        <Link
          to={pageOf(town, at)}
          aria-label="Open as a page"
          title="Open as a page"
          className="inline-flex size-8 items-center justify-center rounded-md text-muted hover:bg-hover hover:text-fg"
        >
          <Maximize2 size={15} />
        </Link>
        <IconButton label="Close" onClick={stack.length > 1 ? closeAll : back}>
          <X size={16} />
        </IconButton>
      </div>
      <div className={cx('min-h-0 flex-1 overflow-y-auto', at.kind !== 'agent' && 'toast-room')}>
        <Suspense fallback={<Loading what={at.kind} />}>
          <ObjectView at={at} />
        </Suspense>
      </div>
    </dialog>
  );
}

function useObjectTitle(at: DrawerRef): string {
  const bead = useRow('beads', at.kind === 'bead' ? at.id : null);
  const agent = useRow('agents', at.kind === 'agent' ? at.id : null);
  const rig = useRow('rigs', at.kind === 'rig' ? at.id : null);
  const merge = useRow('merges', at.kind === 'merge' ? at.id : null);
  const convoy = useRow('convoys', at.kind === 'convoy' ? at.id : null);
  const runner = useRow('runners', at.kind === 'runner' ? at.id : null);
  const escalation = useRow('escalations', at.kind === 'bead' ? at.id : null);
  const asker = useRow('agents', escalation?.agentId);
  const merged = useRow('beads', merge?.beadId);
  if (at.kind === 'merge') return `Merge of ${merged?.title ?? at.id}`;
  if (escalation && !bead) return questionName(escalation, asker?.name);
  return bead?.title ?? convoy?.title ?? agent?.name ?? rig?.name ?? runner?.name ?? `${at.kind} ${at.id}`;
}
