import { limitRef, type SpendLevel, type Usage } from '@gastown/protocol';
import { figuresOf } from '@gastown/protocol/needs';
import { useSearch } from '@tanstack/react-router';
import { useState } from 'react';
import type { DrawerKind } from '../../../drawers.ts';
import { count, money, tokensOf } from '../../../format.ts';
import { useConnection, useSelect } from '../../../replica/hooks.ts';
import { kindToRaise, limitFor, reachOf } from '../../../spending.ts';
import { ObjectLink } from '../../../ui/ObjectLink.tsx';
import { Segments } from '../../../ui/Segments.tsx';
import { Cell, Table } from '../../../ui/Table.tsx';
import { LimitCell } from './LimitCell.tsx';

interface Spender {
  readonly id: string;
  readonly name: string;
  readonly usage: Usage;
}
const LEVELS = {
  rig: { word: 'Rigs', table: 'rigs', drawer: 'rig', each: null },
  agent: { word: 'Agents', table: 'agents', drawer: 'agent', each: null },
  convoy: { word: 'Convoys', table: 'convoys', drawer: 'convoy', each: 'Each convoy' },
  bead: { word: 'Beads', table: 'beads', drawer: 'bead', each: 'Each bead' },
  run: { word: 'Runs', table: 'runs', drawer: 'run', each: 'Each run' },
} as const satisfies Partial<
  Record<SpendLevel, { word: string; table: 'rigs' | 'agents' | 'convoys' | 'beads' | 'runs'; drawer: DrawerKind; each: string | null }>
>;
type Level = keyof typeof LEVELS;
const PAGE = 50;

/** Who spent it, by level, with the limits of each beside it. */
export function Tables() {
  const { limit } = useSearch({ from: '/t/$town/settings' });
  const asked = limit?.split(':')[0];
  const [level, setLevel] = useState<Level>(asked && Object.hasOwn(LEVELS, asked) ? (asked as Level) : 'rig');
  return (
    <div className="flex flex-col gap-3">
      <Segments
        label="Spend of"
        value={level}
        options={Object.entries(LEVELS).map(([name, { word }]) => [name as Level, word])}
        onChange={setLevel}
      />
      <Spenders key={level} level={level} open={limit} />
    </div>
  );
}

function Spenders({ level, open }: { level: Level; open: string | undefined }) {
  const { word, table, each } = LEVELS[level];
  const [shown, setShown] = useState(PAGE);
  const { replica } = useConnection();
  const spenders = useSelect(
    [table, 'limits', 'beads'],
    () => spendersOf(replica, level).toSorted((a, b) => b.usage.costMicros - a.usage.costMicros || tokensOf(b.usage) - tokensOf(a.usage)),
    [level],
  );
  const most = spenders[0]?.usage.costMicros ?? 0;
  return (
    <>
      <Table
        label={`Spend of ${word.toLowerCase()}`}
        head={[
          { name: word },
          { name: 'Tokens', right: true, hide: true },
          { name: 'Spent', right: true },
          { name: 'Soft limit', right: true },
          { name: 'Hard limit', right: true },
        ]}
      >
        {each && (
          <tr className="border-b border-line">
            <Cell className="text-muted">{each} without a limit of its own</Cell>
            <Cell right hide>
              {''}
            </Cell>
            <Cell right>{''}</Cell>
            <Limits level={level} id="*" name={each.toLowerCase()} open={open} />
          </tr>
        )}
        {spenders.slice(0, shown).map((spender) => (
          <SpenderLine key={spender.id} spender={spender} level={level} most={most} open={open} />
        ))}
      </Table>
      {spenders.length === 0 && <p className="py-2 text-sm text-faint">Nothing was spent yet.</p>}
      {spenders.length > shown && (
        <button type="button" onClick={() => setShown(shown + PAGE)} className="h-8 self-start text-xs text-muted hover:text-fg">
          Show {Math.min(PAGE, spenders.length - shown)} more of {spenders.length}
        </button>
      )}
    </>
  );
}

function spendersOf(replica: ReturnType<typeof useConnection>['replica'], level: Level): Spender[] {
  switch (level) {
    case 'rig':
      return [...replica.rows('rigs').values()].filter((rig) => rig.state !== 'removed' || rig.usage.costMicros > 0);
    case 'agent':
      return [...replica.rows('agents').values()];
    case 'convoy':
      return [...replica.rows('convoys').values()]
        .filter((convoy) => convoy.archivedAt === null)
        .map(({ id, title, usage }) => ({ id, name: title, usage }));
    case 'bead':
      return [...replica.rows('beads').values()]
        .filter((bead) => bead.type === 'issue' && (tokensOf(bead.usage) > 0 || replica.row('limits', limitRef('bead', bead.id))))
        .map(({ id, title, usage }) => ({ id, name: title, usage }));
    case 'run':
      return [...replica.rows('runs').values()]
        .filter((run) => tokensOf(run.usage) > 0)
        .map(({ id, beadId, attempt, usage }) => ({
          id,
          name: beadId ? `${replica.row('beads', beadId)?.title ?? beadId}, attempt ${attempt}` : 'The Mayor',
          usage,
        }));
  }
}

function SpenderLine({ spender, level, most, open }: { spender: Spender; level: Level; most: number; open: string | undefined }) {
  const { id, name, usage } = spender;
  const limits = useSelect(['limits'], (replica) => limitFor(replica.rows('limits'), level, id), [level, id]);
  const holds = limits.own ?? limits.each;
  const reach = holds ? reachOf({ spentMicros: usage.costMicros, softMicros: holds.softMicros, hardMicros: holds.hardMicros }) : null;
  return (
    <tr className="border-b border-line last:border-0">
      <Cell className="max-w-0 min-w-32 w-full">
        <ObjectLink
          at={{ kind: LEVELS[level].drawer, id }}
          className="block truncate hover:underline hover:decoration-line-strong hover:underline-offset-3"
        >
          {name}
        </ObjectLink>
        <span
          aria-hidden
          className="mt-1 block h-0.5 rounded-full bg-line-strong"
          style={{ width: `${most ? (usage.costMicros / most) * 100 : 0}%` }}
        />
      </Cell>
      <Cell right hide className="text-muted">
        {count(tokensOf(usage))}
      </Cell>
      <Cell right className={reach ? 'font-medium whitespace-nowrap text-accent' : ''}>
        {money(usage.costMicros)}
        {reach && <span className="block text-xs font-normal">{reach === 'hard' ? 'limit reached' : 'soft limit reached'}</span>}
      </Cell>
      <Limits level={level} id={id} name={name} open={open} />
    </tr>
  );
}

function Limits({ level, id, name, open }: { level: Level; id: string; name: string; open: string | undefined }) {
  const { own, each } = useSelect(['limits'], (replica) => limitFor(replica.rows('limits'), level, id), [level, id]);
  const ref = limitRef(level, id);
  const reached = useSelect([LEVELS[level].table, 'limits'], (replica) => kindToRaise(figuresOf(replica, ref)), [level, ref]);
  const wanted = open === ref ? reached : null;
  return (
    <>
      <Cell right>
        <LimitCell kind="soft" {...{ level, id, name, each }} limit={own} open={wanted === 'soft'} />
      </Cell>
      <Cell right>
        <LimitCell kind="hard" {...{ level, id, name, each }} limit={own} open={wanted === 'hard'} />
      </Cell>
    </>
  );
}
