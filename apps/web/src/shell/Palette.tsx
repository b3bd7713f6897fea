import { BeadAnswer } from '@gastown/protocol';
import { useQuery } from '@tanstack/react-query';
import { Command } from 'cmdk';
import { useState, type ReactNode } from 'react';
import { api, orThrow } from '../api.ts';
import { idIn } from '../by-id.ts';
import { CATALOGUE, keyWords } from '../commands/catalogue.ts';
import { drawerOfId, type DrawerRef } from '../drawers.ts';
import { isWork } from '../ordering.ts';
import { useConnection } from '../replica/hooks.ts';
import { agentSign, beadSign, mergeSign, rigSign, runnerSign, type Sign } from '../signal.ts';
import { Modal } from '../ui/Modal.tsx';
import { Glyph } from '../ui/Sign.tsx';
import { useUi } from '../ui-state.ts';
import { useAct, useHere } from './act.ts';
import { useTownId } from './town-id.ts';
import { MAC } from './TopBar.tsx';

interface Found {
  ref: DrawerRef;
  title: string;
  sign: Sign;
  hint: string;
}
const SHOWN = 12;

/** Everything in the replica and every command of the catalogue, by typing. */
export function Palette() {
  const open = useUi((state) => state.open);
  const act = useAct();
  const here = useHere();
  const [at] = useState(here);
  const [query, setQuery] = useState('');
  const held = useFound(query);
  const asked = useAskedBead(query);
  const found = asked ? [asked, ...held] : held;
  const leftOut = useConnection().replica.leftOut.closed;
  const commands = CATALOGUE.filter(
    (entry) =>
      entry.offered(at) &&
      !entry.id.startsWith('page.palette') &&
      entry.id !== 'page.search' &&
      matches(query, `${entry.label} ${entry.group}`),
  );
  const choose = (run: () => void) => {
    open(null);
    run();
  };
  return (
    <Modal title="Search and commands" open bare wide onClose={() => open(null)}>
      <Command label="Search and commands" shouldFilter={false} loop className="flex flex-col">
        <Command.Input
          value={query}
          onValueChange={setQuery}
          data-first
          placeholder="Search beads, agents, rigs, or type a command"
          className="h-12 w-full border-b border-line bg-transparent px-4 text-base outline-none focus-visible:outline-none max-sm:text-[16px]"
        />
        <Command.List className="max-h-[min(420px,60dvh)] overflow-y-auto p-1.5">
          <Command.Empty className="px-3 py-8 text-center text-sm text-muted">Nothing found.</Command.Empty>
          {found.length > 0 && (
            <Group heading="Objects">
              {found.map((item) => (
                <Item
                  key={`${item.ref.kind}:${item.ref.id}`}
                  value={`${item.ref.kind}:${item.ref.id}`}
                  onSelect={() => choose(() => act.drawer(item.ref))}
                >
                  <Glyph sign={item.sign} />
                  <span className="min-w-0 flex-1 truncate">{item.title}</span>
                  <span className="text-xs text-faint">{item.hint}</span>
                </Item>
              ))}
            </Group>
          )}
          {['This object', 'Work', 'Go to', 'Town', 'Page'].map((group) => {
            const entries = commands.filter((entry) => entry.group === group);
            return (
              entries.length > 0 && (
                <Group key={group} heading={group === 'This object' && at.at ? `This ${at.at.kind}` : group}>
                  {entries.map((entry) => (
                    <Item key={entry.id} value={entry.id} onSelect={() => choose(() => entry.run(act, at))}>
                      <span className="min-w-0 flex-1 truncate">{entry.label}</span>
                      {entry.keys && (
                        <kbd className="rounded border border-line-strong px-1.5 text-xs text-muted">{keyWords(entry.keys, MAC)}</kbd>
                      )}
                    </Item>
                  ))}
                </Group>
              )
            );
          })}
        </Command.List>
        {leftOut && <p className="border-t border-line px-4 py-2 text-xs text-faint">Searches open and recent beads; an id opens any.</p>}
      </Command>
    </Modal>
  );
}

function Group({ heading, children }: { heading: string; children: ReactNode }) {
  return (
    <Command.Group
      heading={heading}
      className="[&_[cmdk-group-heading]]:px-2.5 [&_[cmdk-group-heading]]:pt-2 [&_[cmdk-group-heading]]:pb-1 [&_[cmdk-group-heading]]:text-xs [&_[cmdk-group-heading]]:text-muted"
    >
      {children}
    </Command.Group>
  );
}

function Item({ value, onSelect, children }: { value: string; onSelect: () => void; children: ReactNode }) {
  return (
    <Command.Item
      value={value}
      onSelect={onSelect}
      className="flex h-9 cursor-default items-center gap-2.5 rounded-md px-2.5 text-sm select-none data-[selected=true]:bg-hover"
    >
      {children}
    </Command.Item>
  );
}

const matches = (query: string, text: string): boolean =>
  query
    .toLowerCase()
    .split(/\s+/)
    .every((word) => text.toLowerCase().includes(word));

/** A bead whose id is typed and which the replica does not hold: the town is asked, once no more is typed. */
function useAskedBead(query: string): Found | null {
  const town = useTownId();
  const { replica } = useConnection();
  const id = idIn(query);
  const { data } = useQuery({
    queryKey: ['bead by id', town, id],
    queryFn: async ({ signal }) => {
      await typed(signal);
      return orThrow(api.bead(town, id!, BeadAnswer));
    },
    enabled: id !== null && !replica.holds('beads', id),
    staleTime: 0,
    gcTime: 60_000,
  });
  if (id === null || data === undefined) return null;
  const { bead } = data;
  return { ref: drawerOfId(id) ?? { kind: 'bead', id }, title: bead.title, sign: beadSign(bead), hint: id };
}
const TYPED_MS = 200;
const typed = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve, reject) => {
    setTimeout(() => (signal.aborted ? reject(signal.reason as Error) : resolve()), TYPED_MS);
  });

/** Reads the replica as it is while typing; an open palette need not follow every change. */
function useFound(query: string): Found[] {
  const { replica } = useConnection();
  const found: Found[] = [];
  const add = (ref: DrawerRef, title: string, sign: Sign, hint: string) => {
    if (found.length < SHOWN && matches(query, `${title} ${ref.id} ${ref.kind}`)) found.push({ ref, title, sign, hint });
  };
  for (const rig of replica.rows('rigs').values())
    if (rig.state !== 'removed') add({ kind: 'rig', id: rig.id }, rig.name, rigSign(rig), 'rig');
  const container = [...replica.rows('town').values()][0]?.container;
  for (const runner of replica.rows('runners').values())
    if (query) add({ kind: 'runner', id: runner.id }, runner.name, runnerSign(runner, container), 'runner');
  for (const agent of replica.rows('agents').values()) add({ kind: 'agent', id: agent.id }, agent.name, agentSign(agent), agent.role);
  const beads = [...replica.rows('beads').values()].filter(isWork).toSorted((a, b) => b.updatedAt - a.updatedAt);
  for (const bead of beads) add({ kind: 'bead', id: bead.id }, bead.title, beadSign(bead), bead.id);
  if (query)
    for (const merge of replica.rows('merges').values())
      add(
        { kind: 'merge', id: merge.id },
        `Merge of ${replica.row('beads', merge.beadId)?.title ?? merge.beadId}`,
        mergeSign(merge),
        merge.id,
      );
  return query ? found : found.slice(0, 6);
}
