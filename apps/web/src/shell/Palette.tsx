import { Command } from 'cmdk';
import { useState, type ReactNode } from 'react';
import { CATALOGUE, keyWords } from '../commands/catalogue.ts';
import type { DrawerRef } from '../drawers.ts';
import { isWork } from '../ordering.ts';
import { useConnection } from '../replica/hooks.ts';
import { agentSign, beadSign, mergeSign, rigSign, runnerSign, type Sign } from '../signal.ts';
import { limitAtRig } from '../spending.ts';
import { Modal } from '../ui/Modal.tsx';
import { Glyph } from '../ui/Sign.tsx';
import { useUi } from '../ui-state.ts';
import { SHOWN, useAskedBead, useBeyond, type Found } from './asked-beads.ts';
import { useAct, useHere } from './act.ts';
import { MAC } from './TopBar.tsx';

/** Everything in the replica and every command of the catalogue, by typing. */
export function Palette() {
  const open = useUi((state) => state.open);
  const act = useAct();
  const here = useHere();
  const [at] = useState(here);
  const [query, setQuery] = useState('');
  const held = useFound(query);
  const asked = useAskedBead(query);
  const near = asked ? [asked, ...held] : held;
  const beyond = useBeyond(query, near);
  const found = [...near, ...beyond.found];
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
          <Command.Empty className="px-3 py-8 text-center text-sm text-muted">
            {beyond.isLooking ? 'Nothing among open and recent beads.' : 'Nothing found.'}
          </Command.Empty>
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
        {beyond.says && <output className="block border-t border-line px-4 py-2 text-xs text-faint">{beyond.says}</output>}
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

/** Reads the replica as it is while typing; an open palette need not follow every change. */
function useFound(query: string): Found[] {
  const { replica } = useConnection();
  const found: Found[] = [];
  const add = (ref: DrawerRef, title: string, sign: Sign, hint: string) => {
    if (found.length < SHOWN && matches(query, `${title} ${ref.id} ${ref.kind}`)) found.push({ ref, title, sign, hint });
  };
  for (const rig of replica.rows('rigs').values())
    if (rig.state !== 'removed') add({ kind: 'rig', id: rig.id }, rig.name, rigSign(rig, limitAtRig(replica, rig.id)?.reach), 'rig');
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
