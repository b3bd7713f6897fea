import type { DrawerRef } from '../drawers.ts';
import { useConnection, useRow } from '../replica/hooks.ts';
import { AgentView } from './AgentView.tsx';
import { BeadView } from './BeadView.tsx';
import { Elsewhere } from './Elsewhere.tsx';
import { EscalationView } from './EscalationView.tsx';
import { ConvoyView } from './ConvoyView.tsx';
import { MergeView } from './MergeView.tsx';
import { RigView } from './RigView.tsx';
import { RunnerView } from './RunnerView.tsx';
import { RunView } from './RunView.tsx';

const TABLE = { bead: 'beads', agent: 'agents', merge: 'merges', rig: 'rigs', run: 'runs', convoy: 'convoys', runner: 'runners' } as const;

/** One object of the town, the same in a drawer and on its own page. */
export function ObjectView({ at, page = false }: { at: DrawerRef; page?: boolean }) {
  const { replica } = useConnection();
  const row = useRow(TABLE[at.kind], at.id);
  // A question is a bead too (DM-1), with a table of its own here.
  const escalation = useRow('escalations', at.kind === 'bead' ? at.id : null);
  if (escalation) return <EscalationView escalation={escalation} />;
  if (!row || !replica.holds(TABLE[at.kind], at.id)) return <Elsewhere key={at.id} at={at} />;
  switch (at.kind) {
    case 'bead':
      return <BeadView id={at.id} />;
    case 'agent':
      return <AgentView id={at.id} page={page} />;
    case 'merge':
      return <MergeView id={at.id} />;
    case 'rig':
      return <RigView id={at.id} />;
    case 'convoy':
      return <ConvoyView id={at.id} />;
    case 'runner':
      return <RunnerView id={at.id} />;
    case 'run':
      return <RunView id={at.id} />;
  }
}
