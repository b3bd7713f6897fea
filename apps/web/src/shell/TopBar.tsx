import { Link } from '@tanstack/react-router';
import { Bell, ChevronRight, Monitor, Moon, OctagonX, Pause, Play, Search, Sun } from 'lucide-react';
import { useEffect } from 'react';
import { entryOf, keyWords } from '../commands/catalogue.ts';
import { useCommand } from '../commands/use-command.ts';
import { clock, money } from '../format.ts';
import { useConnection, useLink, useTown } from '../replica/hooks.ts';
import { Badge, Count } from '../ui/Bits.tsx';
import { Button, IconButton } from '../ui/Button.tsx';
import { cx } from '../ui/cx.ts';
import { useUi } from '../ui-state.ts';
import { useAttentionCount } from './Nav.tsx';
import { useTownId } from './town-id.ts';

export const MAC = /Mac|iPhone|iPad/.test(navigator.userAgent);

export function TopBar() {
  const id = useTownId();
  const town = useTown();
  const attention = useAttentionCount();
  useTitle(town?.name, attention);
  return (
    <header className="flex h-12 shrink-0 items-center gap-1 border-b border-line bg-sunken px-2 sm:gap-1.5 sm:px-3">
      <nav aria-label="Breadcrumb" className="flex min-w-0 items-center gap-1 text-sm">
        <Link
          to="/"
          title="All towns"
          className="flex shrink-0 items-center gap-2 rounded-md px-1.5 py-1 text-muted hover:bg-hover hover:text-fg"
        >
          <Mark />
          <span className="sr-only lg:not-sr-only">Gastown</span>
        </Link>
        <ChevronRight size={14} className="hidden text-faint sm:block" aria-hidden />
        <Link to="/t/$town" params={{ town: id }} className="truncate rounded-md px-1.5 py-1 font-medium hover:bg-hover">
          {town?.name ?? 'Town'}
        </Link>
      </nav>
      {town?.scripted && (
        <Badge title="The answers come from story files: no model is called and no money is spent. The costs are rehearsed too.">
          <span className="lg:hidden">Rehearsal</span>
          <span className="hidden lg:inline">Rehearsal: scripted model</span>
        </Badge>
      )}
      <Connection />
      <span className="flex-1" />
      <PaletteButton />
      <Spend />
      {town && <PauseButton paused={town.paused} stopped={town.stopped} />}
      {town && !town.stopped && <StopButton />}
      <Link
        to="/t/$town/attention"
        params={{ town: id }}
        aria-label={attention ? `Attention: ${attention} waiting for you` : 'Attention: nothing waits for you'}
        title="Attention"
        className="relative inline-flex size-8 items-center justify-center rounded-md text-muted hover:bg-hover hover:text-fg"
      >
        <Bell size={16} strokeWidth={1.75} />
        <span className="absolute -top-0.5 -right-0.5">
          <Count value={attention} needs />
        </span>
      </Link>
      <span className="hidden sm:contents">
        <ThemeButton />
      </span>
    </header>
  );
}

const Mark = () => (
  <svg
    viewBox="0 0 20 20"
    width="16"
    height="16"
    aria-hidden
    fill="none"
    stroke="currentColor"
    strokeWidth="1.600"
    strokeLinecap="round"
    strokeLinejoin="round"
  >
    <path d="M4 17V5.500A2 2 0 0 1 6 3.500h4a2 2 0 0 1 2 2V17M2.800 17h10.400M12 9.500h1a1.600 1.600 0 0 1 1.600 1.600v2.400a1.300 1.300 0 0 0 2.600 0V8l-2.400-2.400M6.500 7.500h3" />
  </svg>
);

function useTitle(name: string | undefined, attention: number): void {
  useEffect(() => {
    document.title = `${attention > 0 ? `(${attention}) ` : ''}${name ?? 'Town'} · Gastown`;
    document.querySelector('link[rel=icon]')?.setAttribute('href', attention > 0 ? '/favicon-attention.svg' : '/favicon.svg');
  }, [name, attention]);
}

function Connection() {
  const link = useLink(useConnection());
  return (
    <output className="min-w-0 truncate text-xs">
      {link.state === 'offline' && (
        <span className="inline-flex items-center gap-1.5 rounded-full bg-active px-2 py-0.5 text-fg max-sm:hidden">
          <span className="size-1.5 rounded-full border border-current" aria-hidden />
          offline – last seen {clock(link.since)}
        </span>
      )}
    </output>
  );
}

function PaletteButton() {
  const open = useUi((state) => state.open);
  const entry = entryOf('page.palette');
  return (
    <button
      type="button"
      title={entry.label}
      onClick={() => open('palette')}
      className="inline-flex h-8 items-center gap-2 rounded-md px-2 text-sm whitespace-nowrap text-muted hover:bg-hover hover:text-fg lg:border lg:border-line lg:bg-bg lg:pr-1.5"
    >
      <Search size={15} strokeWidth={1.75} />
      <span className="sr-only text-left lg:not-sr-only lg:w-24">Search</span>
      <kbd aria-hidden className="hidden rounded border border-line px-1 text-xs text-faint lg:inline">
        {keyWords(entry.keys!, MAC)}
      </kbd>
    </button>
  );
}

/** What it has cost, beside what it may cost. */
function Spend() {
  const id = useTownId();
  const town = useTown();
  if (!town) return null;
  const { budgetMicros: budget, usage } = town;
  const share = budget ? Math.min(1, usage.costMicros / budget) : 0;
  const spent = budget !== null && usage.costMicros >= budget;
  return (
    <Link
      to="/t/$town/settings"
      params={{ town: id }}
      search={{ tab: 'spend' }}
      title="Spend and limits"
      className="flex h-8 shrink-0 items-center gap-2 rounded-md px-1.5 text-sm whitespace-nowrap text-muted hover:bg-hover hover:text-fg sm:px-2"
    >
      <span className="sr-only">Spent</span>
      <span className={cx('tnum', spent && 'font-medium text-accent')}>
        {money(usage.costMicros)}
        {budget !== null && <span className="text-faint max-sm:hidden"> / {money(budget)}</span>}
      </span>
      {budget !== null && (
        <span className="hidden h-1 w-12 overflow-hidden rounded-full bg-line-strong lg:block" aria-hidden>
          <span className={cx('block h-full', spent ? 'bg-accent-solid' : 'bg-muted')} style={{ width: `${share * 100}%` }} />
        </span>
      )}
    </Link>
  );
}

function PauseButton({ paused, stopped }: { paused: boolean; stopped: boolean }) {
  const { run, pending } = useCommand();
  const entry = entryOf(paused ? 'town.resume' : 'town.pause');
  return (
    <Button
      small
      kind={stopped ? 'accent' : paused ? 'plain' : 'quiet'}
      pending={pending}
      icon={paused ? <Play size={14} /> : <Pause size={14} />}
      aria-label={entry.label}
      className={cx('h-8', paused && 'max-sm:hidden')}
      onClick={() => void run({ kind: paused ? 'town.resume' : 'town.pause' }, paused ? 'Town resumed' : 'Town paused')}
    >
      <span className="hidden sm:inline">{paused ? 'Resume' : 'Pause'}</span>
    </Button>
  );
}

/** Distinct from a pause: it ends what runs. The dialog says what that means before it does it. */
function StopButton() {
  const open = useUi((state) => state.open);
  const { label } = entryOf('town.stop');
  return (
    <IconButton label={label} onClick={() => open('stop-town')} className="hover:!bg-failed-wash hover:!text-failed">
      <OctagonX size={16} strokeWidth={1.75} />
    </IconButton>
  );
}

const THEMES = {
  system: { label: 'Theme: as the system', icon: Monitor, next: 'light' },
  light: { label: 'Theme: light', icon: Sun, next: 'dark' },
  dark: { label: 'Theme: dark', icon: Moon, next: 'system' },
} as const;

/** Goes round: system, light, dark. The palette has each by name. */
export function ThemeButton() {
  const { theme, setTheme } = useUi();
  const { label, icon: Icon, next } = THEMES[theme];
  return (
    <IconButton label={label} onClick={() => setTheme(next)}>
      <Icon size={16} strokeWidth={1.75} />
    </IconButton>
  );
}
