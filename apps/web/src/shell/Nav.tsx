import { Link } from '@tanstack/react-router';
import { Bot, Boxes, CircleAlert, GitMerge, House, Mail, Pause, Plus, Settings, SquareKanban } from 'lucide-react';
import type { ComponentType } from 'react';
import { NEED_TABLES, needsOf, waitsForPerson } from '@gastown/protocol/needs';
import { initials } from '../format.ts';
import { agentSign } from '../signal.ts';
import { useRow, useSelect } from '../replica/hooks.ts';
import { Count } from '../ui/Bits.tsx';
import { Glyph } from '../ui/Sign.tsx';
import { cx } from '../ui/cx.ts';
import { useRigSign } from '../views/RigLimit.tsx';
import { useTownId } from './town-id.ts';

interface Place {
  to:
    | '/t/$town'
    | '/t/$town/attention'
    | '/t/$town/board'
    | '/t/$town/convoys'
    | '/t/$town/merges'
    | '/t/$town/agents'
    | '/t/$town/mail'
    | '/t/$town/settings';
  label: string;
  icon: ComponentType<{ size?: number; strokeWidth?: number }>;
  count?: number;
  needs?: boolean;
  /** Not under the thumb on a phone: the board leads there. */
  aside?: boolean;
}

function usePlaces(): Place[] {
  const attention = useAttentionCount();
  const failed = useSelect(
    ['merges', 'beads'],
    (replica) => [...replica.rows('merges').values()].filter((merge) => waitsForPerson(merge, replica.row('beads', merge.beadId))).length,
  );
  const working = useSelect(
    ['agents'],
    (replica) => [...replica.rows('agents').values()].filter((agent) => agentSign(agent).signal === 'working').length,
  );
  return [
    { to: '/t/$town', label: 'Home', icon: House },
    { to: '/t/$town/attention', label: 'Attention', icon: CircleAlert, count: attention, needs: true },
    { to: '/t/$town/board', label: 'Board', icon: SquareKanban },
    { to: '/t/$town/convoys', label: 'Convoys', icon: Boxes, aside: true },
    { to: '/t/$town/merges', label: 'Merges', icon: GitMerge, count: failed },
    { to: '/t/$town/agents', label: 'Agents', icon: Bot, count: working },
    { to: '/t/$town/mail', label: 'Mail', icon: Mail },
    { to: '/t/$town/settings', label: 'Settings', icon: Settings },
  ];
}

export const useAttentionCount = (): number => useSelect(NEED_TABLES, (replica) => needsOf(replica).length);

const ITEM =
  'flex h-8 items-center gap-2.5 rounded-md px-2 text-sm text-muted transition-colors duration-100 hover:bg-hover hover:text-fg aria-[current=page]:bg-active aria-[current=page]:font-medium aria-[current=page]:text-fg';

export function Nav() {
  const town = useTownId();
  const places = usePlaces();
  const rigs = useSelect(['rigs'], (replica) =>
    [...replica.rows('rigs').values()]
      .filter((rig) => rig.state !== 'removed')
      .toSorted((a, b) => a.name.localeCompare(b.name))
      .map((rig) => rig.id),
  );
  const main = places.slice(0, -1);
  const settings = places.at(-1)!;
  return (
    <nav
      aria-label="Town"
      className="hidden w-[52px] shrink-0 flex-col gap-0.5 overflow-y-auto border-r border-line bg-sunken p-2 sm:flex lg:w-52"
    >
      {main.map((place) => (
        <NavLink key={place.label} place={place} town={town} />
      ))}
      <div className="mt-4 flex items-center justify-center lg:justify-between lg:pr-1 lg:pl-2">
        <span className="text-xs font-medium text-faint">Rigs</span>
        <Link
          to="/t/$town/settings"
          params={{ town }}
          search={{ tab: 'repositories', add: 'repository' }}
          aria-label="Add repository"
          title="Add repository"
          className="hidden size-6 items-center justify-center rounded-md text-faint hover:bg-hover hover:text-fg lg:inline-flex"
        >
          <Plus size={14} />
        </Link>
      </div>
      {rigs.map((rig) => (
        <RigLink key={rig} town={town} rig={rig} />
      ))}
      <span className="flex-1" />
      <NavLink place={settings} town={town} />
    </nav>
  );
}

function NavLink({ place, town }: { place: Place; town: string }) {
  const Icon = place.icon;
  return (
    <Link
      to={place.to}
      params={{ town }}
      activeOptions={{ exact: place.to === '/t/$town', includeSearch: false }}
      className={cx(ITEM, 'relative')}
      title={place.label}
    >
      <Icon size={16} strokeWidth={1.75} />
      <span className="sr-only flex-1 lg:not-sr-only">{place.label}</span>
      <span className="absolute -top-0.5 right-0 lg:static">
        {place.count ? <Count value={place.count} needs={place.needs ?? false} /> : null}
      </span>
    </Link>
  );
}

function RigLink({ town, rig: id }: { town: string; rig: string }) {
  const rig = useRow('rigs', id);
  const sign = useRigSign(id);
  if (!rig || !sign) return null;
  return (
    <Link
      to="/t/$town/rigs/$rig"
      params={{ town, rig: id }}
      activeOptions={{ includeSearch: false }}
      className={cx(ITEM, 'max-lg:justify-center max-lg:gap-1 max-lg:px-0')}
      title={`${rig.name}: ${sign.word}`}
    >
      <Glyph sign={sign} silent />
      <span className="text-xs font-medium lg:hidden" aria-hidden>
        {initials(rig.name)}
      </span>
      <span className="sr-only lg:hidden">{rig.name}</span>
      <span className="hidden min-w-0 flex-1 truncate lg:block">{rig.name}</span>
      {rig.paused && <Pause size={12} className="shrink-0 text-faint" aria-hidden />}
      {rig.busyPolecats > 0 && (
        <span className="hidden text-xs text-faint lg:inline" aria-hidden>
          {rig.busyPolecats}/{rig.maxPolecats}
        </span>
      )}
    </Link>
  );
}

/** On a phone the places sit under the thumb. */
export function BottomBar() {
  const town = useTownId();
  const places = usePlaces();
  return (
    <nav aria-label="Places" className="flex shrink-0 border-t border-line bg-sunken pb-[env(safe-area-inset-bottom)] sm:hidden">
      {places
        .filter((place) => !place.aside)
        .map((place) => {
          const Icon = place.icon;
          return (
            <Link
              key={place.label}
              to={place.to}
              params={{ town }}
              activeOptions={{ exact: place.to === '/t/$town', includeSearch: false }}
              className="relative flex h-13 min-w-0 flex-1 flex-col items-center justify-center gap-0.5 text-xs tracking-tight text-muted aria-[current=page]:font-medium aria-[current=page]:text-fg"
            >
              <Icon size={18} strokeWidth={1.75} />
              <span className="max-w-full truncate">{place.label}</span>
              {place.count ? (
                <span className="absolute top-0.5 left-1/2 ml-1">
                  <Count value={place.count} needs={place.needs ?? false} />
                </span>
              ) : null}
            </Link>
          );
        })}
    </nav>
  );
}
