import '@xterm/xterm/css/xterm.css';
import type { AgentRow, TerminalKind } from '@gastown/protocol';
import { ClipboardPaste, Copy, Ear, Maximize2, Minimize2 } from 'lucide-react';
import { useEffect, useId, useRef, useState } from 'react';
import { useSession } from '../queries.ts';
import { useRow } from '../replica/hooks.ts';
import { useTownId } from '../shell/town-id.ts';
import { IconButton } from '../ui/Button.tsx';
import { Segments } from '../ui/Segments.tsx';
import { cx } from '../ui/cx.ts';
import { toast } from '../ui/toast.ts';
import { attend, type Attending } from './attending.ts';
import { Bar } from './Bar.tsx';
import { keepKeys } from './keep-keys.ts';
import { noLiveView } from './live-view.ts';
import { TouchKeys } from './TouchKeys.tsx';
import { useTerminal } from './use-terminal.ts';
import { copy } from './window.ts';

/** The terminals of one agent: a shell where it works, or its own screen. One is open at a time, and only while somebody looks (CT-9). */
export function TerminalPanel({ agent, chosen, onKind }: { agent: AgentRow; chosen: TerminalKind; onKind: (kind: TerminalKind) => void }) {
  const run = useRow('runs', agent.runId);
  const cannotLive = noLiveView(useSession().data?.agentKinds ?? [], run);
  const kind = cannotLive === null ? chosen : 'shell';
  const [large, setLarge] = useState(false);
  const region = useRef<HTMLElement>(null);
  useEffect(
    () =>
      keepKeys(document, {
        isMine: (target) => target instanceof Node && region.current?.contains(target) === true,
        isNowhere: (target) => target === document.body,
        takeFocus: () => region.current?.focus({ preventScroll: true }),
      }),
    [],
  );
  return (
    <section
      ref={region}
      tabIndex={-1}
      data-keeps-keys
      aria-label={`Terminal of ${agent.name}`}
      className={cx('flex min-h-0 flex-col bg-sunken outline-none', large ? 'fixed inset-0 z-40' : 'min-h-72 flex-1')}
    >
      <TerminalView key={kind} agent={agent} kind={kind} cannotLive={cannotLive} onKind={onKind} large={large} onLarge={setLarge} />
    </section>
  );
}

interface ViewWish {
  agent: AgentRow;
  kind: TerminalKind;
  /** Why there is no live view. */
  cannotLive: string | null;
  onKind: (kind: TerminalKind) => void;
  large: boolean;
  onLarge: (large: boolean) => void;
}

function TerminalView({ agent, kind, cannotLive, onKind, large, onLarge }: ViewWish) {
  const town = useTownId();
  const box = useRef<HTMLDivElement>(null);
  const frame = useRef<HTMLDivElement>(null);
  const [aloud, setAloud] = useState(false);
  const help = useId();
  const what = kind === 'shell' ? 'Shell' : 'Live view';
  const terminal = useTerminal(box, {
    town,
    agent: agent.id,
    kind,
    label: `${what} of ${agent.name}`,
    onLeave: () => frame.current?.querySelector<HTMLElement>('[data-leave]')?.focus(),
    onCopied: () => toast.success('Copied'),
  });
  const { window, condition } = terminal;
  const takesKeys = condition.is === 'open' || condition.is === 'reconnecting';
  const attending = useRef<Attending>(null);
  useEffect(() => {
    const own = attend(document, (target) => target instanceof Node && frame.current?.contains(target) === true);
    attending.current = own;
    return own.end;
  }, []);
  useEffect(() => {
    window?.readOnly(!takesKeys);
    if (window && condition.is === 'open' && attending.current?.here() && mayTakeFocus()) window.focus();
  }, [window, takesKeys, condition.is]);
  useEffect(() => {
    window?.readAloud(aloud);
  }, [window, aloud]);
  const copyAll = async () => {
    if (window && (await copy(window.text()))) toast.success('Copied');
    else toast.error('There is nothing to copy');
  };
  const paste = async () => {
    const text = await navigator.clipboard?.readText().catch(() => null);
    if (text) window?.paste(text);
    else toast.error('The browser gave no clipboard', { description: 'Press Ctrl+V (⌘V) in the terminal instead.' });
    window?.focus();
  };
  return (
    <div ref={frame} className="flex min-h-0 flex-1 flex-col" data-terminal={kind} data-condition={condition.is}>
      <div className="flex h-10 shrink-0 items-center gap-1 border-b border-line bg-bg px-2">
        <div className="flex flex-1 items-center">
          <Segments
            label="Kind of terminal"
            value={kind}
            options={[
              ['shell', 'Shell'],
              ['live', 'Live view', cannotLive],
            ]}
            onChange={onKind}
          />
        </div>
        <IconButton label="Copy: the selection, or what is in sight" data-leave onClick={() => void copyAll()}>
          <Copy size={15} />
        </IconButton>
        <IconButton label="Paste" disabled={!takesKeys} onClick={() => void paste()}>
          <ClipboardPaste size={15} />
        </IconButton>
        <IconButton label="Screen reader mode" aria-pressed={aloud} className="aria-pressed:bg-active" onClick={() => setAloud(!aloud)}>
          <Ear size={15} />
        </IconButton>
        <IconButton label={large ? 'Leave full screen' : 'Full screen'} onClick={() => onLarge(!large)}>
          {large ? <Minimize2 size={15} /> : <Maximize2 size={15} />}
        </IconButton>
      </div>
      <Bar agent={agent} terminal={terminal} />
      <div className={cx('relative min-h-0 flex-1 overflow-auto py-1.5 pl-2', condition.is === 'none' && !condition.last && 'hidden')}>
        <div ref={box} aria-describedby={help} className={cx('h-full min-h-0', !takesKeys && 'opacity-70')} />
      </div>
      <TouchKeys disabled={!takesKeys} onKeys={terminal.type} />
      <p id={help} className="hidden shrink-0 border-t border-line px-3 py-1 text-xs text-faint sm:block">
        <kbd>Ctrl</kbd>+<kbd>Shift</kbd>+<kbd>Enter</kbd> leaves the terminal · <kbd>Ctrl</kbd>+<kbd>Shift</kbd>+<kbd>C</kbd> copies ·{' '}
        <kbd>Ctrl</kbd>+<kbd>V</kbd> pastes. It keeps nothing awake, and closes when nobody looks for five minutes.
      </p>
    </div>
  );
}

/** What is typed into an open dialog is not for a shell; a finger wants no keyboard before it asks for one. */
const mayTakeFocus = (): boolean => !matchMedia('(pointer: coarse)').matches && document.querySelector('[role=dialog][data-open]') === null;
