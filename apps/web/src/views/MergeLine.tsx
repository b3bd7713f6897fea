import { shortSha } from '../format.ts';
import { useRow } from '../replica/hooks.ts';
import { mergeSign } from '../signal.ts';
import { At } from '../ui/Bits.tsx';
import { ObjectLink } from '../ui/ObjectLink.tsx';
import { SignWord } from '../ui/Sign.tsx';

export function MergeLine({ id, rig: showRig = true }: { id: string; rig?: boolean }) {
  const merge = useRow('merges', id);
  const bead = useRow('beads', merge?.beadId);
  const rig = useRow('rigs', merge?.rigId);
  const agent = useRow('agents', merge?.agentId);
  if (!merge) return null;
  const sign = mergeSign(merge);
  const detail =
    merge.phase === 'failed'
      ? merge.failure?.message
      : merge.phase === 'landed'
        ? merge.mergeCommit
          ? shortSha(merge.mergeCommit)
          : null
        : merge.phase === 'queued'
          ? `place ${merge.position ?? '—'}`
          : 'gates run on the merge result';
  return (
    <ObjectLink row at={{ kind: 'merge', id }} className="flex min-h-11 items-center gap-3 rounded-md px-2 py-2 text-sm hover:bg-hover">
      <SignWord sign={sign} className="w-20 shrink-0" />
      <span className="flex min-w-0 flex-1 flex-col">
        <span className="truncate font-medium">{bead?.title ?? merge.beadId}</span>
        <span className="truncate text-xs text-muted">{[showRig && rig?.name, agent?.name, detail].filter(Boolean).join(' · ')}</span>
      </span>
      <At at={merge.landedAt ?? merge.updatedAt} className="text-xs" />
    </ObjectLink>
  );
}
