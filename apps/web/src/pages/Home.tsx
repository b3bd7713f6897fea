import { Link, useSearch } from '@tanstack/react-router';
import { ChevronRight } from 'lucide-react';
import { Group, Panel, Separator } from 'react-resizable-panels';
import { useCommand } from '../commands/use-command.ts';
import { bundles } from '../feed.ts';
import { byActivity, standingOf, standingsOf } from '../ordering.ts';
import { useSession } from '../queries.ts';
import { useRow, useSelect, useTown } from '../replica/hooks.ts';
import { agentSign } from '../signal.ts';
import { useTownId } from '../shell/town-id.ts';
import { Composer } from '../transcript/Composer.tsx';
import { TranscriptView } from '../transcript/TranscriptView.tsx';
import { Count, Section } from '../ui/Bits.tsx';
import { buttonClass } from '../ui/Button.tsx';
import { useMedia } from '../ui/use-media.ts';
import { Glyph, SignWord } from '../ui/Sign.tsx';
import { useUi } from '../ui-state.ts';
import { AgentRowLine } from '../views/AgentRowLine.tsx';
import { NeedLine } from '../views/NeedLine.tsx';
import { EventLine } from '../views/parts.tsx';
import { useRigSign } from '../views/RigLimit.tsx';
import { useNeeds } from './Attention.tsx';

/** The chat with the Mayor, and beside it the four answers: who needs me, what moves, what it costs, why not. Where there is no room beside it, each has a tab. */
export function Home() {
  const wide = useMedia('(min-width: 900px)');
  if (!wide) return <Narrow />;
  return (
    <Group orientation="horizontal" className="h-full min-h-0">
      <Panel minSize="420px" className="flex min-h-0 flex-col">
        <Chat />
      </Panel>
      <Separator
        aria-label="Resize the side"
        className="w-px bg-line transition-colors duration-100 data-[separator=active]:bg-faint data-[separator=hover]:bg-line-strong focus-visible:bg-focus"
      />
      <Panel defaultSize="360px" minSize="280px" maxSize="520px">
        <Side />
      </Panel>
    </Group>
  );
}

const SEEN = { needs: AllNeeds, work: AtWork, rigs: Rigs, feed: Feed } as const;
type Seen = keyof typeof SEEN;

function Narrow() {
  const { see } = useSearch({ from: '/t/$town/' });
  const Seen = see && Object.hasOwn(SEEN, see) ? SEEN[see as Seen] : null;
  return (
    <div className="flex h-full min-h-0 flex-col">
      <Tabs at={Seen ? see : undefined} />
      {Seen ? (
        <aside aria-label="Now" className="min-h-0 flex-1 toast-room overflow-y-auto px-4 pt-1 sm:px-5">
          <h1 className="sr-only">Home</h1>
          <Seen />
        </aside>
      ) : (
        <Chat />
      )}
    </div>
  );
}

/** Mayor, Needs you, At work, Rigs, Feed; the chosen one is in the address. */
function Tabs({ at }: { at: string | undefined }) {
  const town = useTownId();
  const needs = useNeeds().length;
  const working = useAtWork().length;
  const rigs = useRigIds().length;
  const tabs: readonly (readonly [Seen | undefined, string, number])[] = [
    [undefined, 'Mayor', 0],
    ['needs', 'Needs you', needs],
    ['work', 'At work', working],
    ['rigs', 'Rigs', rigs],
    ['feed', 'Feed', 0],
  ];
  return (
    <nav aria-label="Home" className="flex shrink-0 gap-0.5 overflow-x-auto border-b border-line px-2 py-1 sm:px-3">
      {tabs.map(([see, name, count]) => (
        <Link
          key={name}
          to="/t/$town"
          params={{ town }}
          search={see ? { see } : {}}
          replace
          activeOptions={{ exact: true }}
          activeProps={{}}
          aria-current={see === at ? 'page' : undefined}
          className="inline-flex h-8 shrink-0 items-center gap-1 rounded-md px-2 text-xs whitespace-nowrap text-muted hover:bg-hover hover:text-fg aria-[current=page]:bg-active aria-[current=page]:font-medium aria-[current=page]:text-fg"
        >
          {name}
          <Count value={count} needs={see === 'needs'} />
        </Link>
      ))}
    </nav>
  );
}

function Chat() {
  const id = useTownId();
  const mayor = useSelect(['agents'], (replica) => [...replica.rows('agents').values()].find((agent) => agent.role === 'mayor'));
  const { run, pending, refusal } = useCommand({ quiet: true });
  const { draft, setDraft } = useUi();
  const session = useSession();
  const said = useSelect(['nudges'], (replica) => [...replica.rows('nudges').values()].some((nudge) => nudge.agentId === mayor?.id), [
    mayor?.id,
  ]);
  const send = async (text: string) => (await run({ kind: 'mayor.tell', text })).ok;
  return (
    <section aria-label="Mayor" className="flex min-h-0 flex-1 flex-col">
      <header className="flex h-11 shrink-0 items-center gap-3 border-b border-line px-4 sm:px-5">
        <h1 className="text-sm font-semibold">Mayor</h1>
        {mayor && <SignWord sign={agentSign(mayor)} className="text-xs" />}
        {mayor?.statusLine && <span className="min-w-0 truncate text-xs text-muted">{mayor.statusLine}</span>}
      </header>
      {mayor ? (
        <TranscriptView key={mayor.id} town={id} agent={mayor} empty={<Welcome />} />
      ) : (
        <div className="min-h-0 flex-1 overflow-y-auto">
          <Welcome />
        </div>
      )}
      <div className="mx-auto w-full max-w-3xl shrink-0 px-4 pb-3 sm:px-5 sm:pb-4">
        <Composer
          label="Tell the Mayor"
          focusName="mayor"
          onSend={send}
          pending={pending}
          refusal={refusal}
          text={draft}
          onText={setDraft}
          above={<NoModel />}
          suggestions={said ? [] : session.data?.suggestions}
        />
      </div>
    </section>
  );
}

function Welcome() {
  return (
    <div className="flex flex-col items-center gap-1.5 px-6 py-16 text-center">
      <p className="text-lg font-semibold">What should be done?</p>
      <p className="max-w-sm text-sm text-muted">
        Say it in your own words. The Mayor splits it into beads, polecats do them in parallel, and what passes the gates lands on your main
        branch.
      </p>
    </div>
  );
}

function NoModel() {
  const id = useTownId();
  const town = useTown();
  if (!town || town.model || town.scripted) return null;
  return (
    <p className="flex flex-wrap items-center gap-2 rounded-lg bg-accent-wash px-3 py-2 text-sm text-accent">
      <span className="flex-1">No model is configured: the Mayor cannot answer.</span>
      <Link to="/t/$town/settings" params={{ town: id }} search={{ tab: 'models' }} className={buttonClass('accent', true)}>
        Choose a model
      </Link>
    </p>
  );
}

function Side() {
  return (
    <aside aria-label="Now" className="flex h-full flex-col gap-3 toast-room overflow-y-auto px-4 pt-1">
      <NeedsYou />
      <AtWork />
      <Rigs />
      <Feed />
    </aside>
  );
}

function AllNeeds() {
  return <NeedsYou most={Infinity} />;
}

function NeedsYou({ most = 3 }: { most?: number }) {
  const needs = useNeeds();
  const id = useTownId();
  return (
    <Section
      title="Needs you"
      count={needs.length}
      aside={
        needs.length > most && (
          <Link to="/t/$town/attention" params={{ town: id }} className="text-xs text-muted hover:text-fg">
            All
          </Link>
        )
      }
    >
      {needs.length === 0 ? (
        <p className="text-sm text-faint">Nothing: everything moves by itself.</p>
      ) : (
        <ul className="divide-y divide-line">
          {needs.slice(0, most).map((need) => (
            <li key={need.id}>
              <NeedLine need={need} compact />
            </li>
          ))}
        </ul>
      )}
    </Section>
  );
}

const useAtWork = () =>
  useSelect(['agents'], (replica) =>
    [...replica.rows('agents').values()]
      .filter((agent) => agent.role !== 'mayor' && ['working', 'away', 'starting', 'waiting', 'stalled'].includes(agent.status))
      .toSorted(byActivity)
      .map((agent) => agent.id),
  );

function AtWork() {
  const agents = useAtWork();
  const queued = useSelect(
    ['beads', 'convoys'],
    (replica) => [...replica.rows('beads').values()].filter((bead) => standingOf(bead, replica.rows('convoys')) === 'queued').length,
  );
  return (
    <Section title="At work" count={agents.length} aside={queued > 0 && <span className="text-xs text-faint">{queued} queued</span>}>
      {agents.length === 0 ? (
        <p className="text-sm text-faint">Nobody is at work.</p>
      ) : (
        <ul className="-mx-1">
          {agents.map((agent) => (
            <li key={agent}>
              <AgentRowLine id={agent} />
            </li>
          ))}
        </ul>
      )}
    </Section>
  );
}

const useRigIds = () =>
  useSelect(['rigs'], (replica) => [...replica.rows('rigs').values()].filter((rig) => rig.state !== 'removed').map((rig) => rig.id));

function Rigs() {
  const id = useTownId();
  const rigs = useRigIds();
  return (
    <Section title="Rigs" count={rigs.length}>
      {rigs.length === 0 ? (
        <Link
          to="/t/$town/settings"
          params={{ town: id }}
          search={{ tab: 'repositories', add: 'repository' }}
          className={buttonClass('plain', true)}
        >
          Connect a repository
        </Link>
      ) : (
        <ul className="-mx-1">
          {rigs.map((rig) => (
            <li key={rig}>
              <RigSummary id={rig} />
            </li>
          ))}
        </ul>
      )}
    </Section>
  );
}

function RigSummary({ id }: { id: string }) {
  const town = useTownId();
  const rig = useRow('rigs', id);
  const told = useSelect(
    ['beads', 'convoys', 'merges'],
    (replica) => {
      const merging = [...replica.rows('merges').values()].filter(
        (merge) => merge.rigId === id && ['queued', 'testing', 'landing'].includes(merge.phase),
      ).length;
      const open = standingsOf(
        [...replica.rows('beads').values()].filter((bead) => bead.rigId === id),
        replica.rows('convoys'),
      );
      return merging > 0 ? [...open, `${merging} merging`] : open;
    },
    [id],
  );
  const sign = useRigSign(id);
  if (!rig || !sign) return null;
  const still = rig.paused || sign.signal === 'waiting_for_you';
  return (
    <Link
      to="/t/$town/rigs/$rig"
      params={{ town, rig: id }}
      className="group flex min-h-9 items-center gap-2.5 rounded-md px-1 py-1 text-sm hover:bg-hover"
    >
      <Glyph sign={sign} />
      <span className="flex min-w-0 flex-1 flex-col">
        <span className="truncate font-medium">{rig.name}</span>
        {(still || told.length > 0) && <span className="text-xs text-muted">{[...(still ? [sign.word] : []), ...told].join(' · ')}</span>}
      </span>
      <span className="text-xs text-muted" title="Slots: busy of all">
        {rig.busyPolecats}/{rig.maxPolecats}
      </span>
      <ChevronRight size={13} className="text-faint" />
    </Link>
  );
}

function Feed() {
  const events = useSelect(['events'], (replica) =>
    bundles([...replica.rows('events').values()].toSorted((a, b) => b.id - a.id)).slice(0, 60),
  );
  return (
    <Section title="Feed">
      {events.length === 0 ? (
        <p className="text-sm text-faint">Nothing has happened yet.</p>
      ) : (
        <ol>
          {events.map(({ id, more }) => (
            <EventLine key={id} id={id} more={more} />
          ))}
        </ol>
      )}
    </Section>
  );
}
