import { branchLink, commitLink, type Commit, type MergeRow } from '@gastown/protocol';
import type { ReactNode } from 'react';
import { shortSha } from '../format.ts';
import { useRow } from '../replica/hooks.ts';
import { At, Mono } from '../ui/Bits.tsx';

/** Commits with what each is for; where the forge of the rig is known, they lead to it (GT-15). A merge that landed goes before the work that it made one commit of (GT-16). */
export function Commits({ rigId, commits, landed }: { rigId: string | null; commits: readonly Commit[]; landed?: MergeRow | undefined }) {
  const lines = [...landings(landed), ...commits];
  return (
    <ul className="flex flex-col">
      {lines.map(({ sha, subject, at }) => (
        <li key={sha} className="flex h-7 items-center gap-2.5 text-sm">
          <ShaLink rigId={rigId} sha={sha} className="text-muted" />
          <span className="min-w-0 flex-1 truncate">{subject}</span>
          <At at={at} className="text-xs" />
        </li>
      ))}
    </ul>
  );
}

function landings(merge: MergeRow | undefined): Pick<Commit, 'sha' | 'subject' | 'at'>[] {
  const { mergeCommit, landedAt, targetBranch } = merge ?? {};
  return mergeCommit && landedAt ? [{ sha: mergeCommit, subject: `Landed on ${targetBranch}`, at: landedAt }] : [];
}

export function ShaLink({ rigId, sha, className }: { rigId: string | null; sha: string; className?: string }) {
  const rig = useRow('rigs', rigId);
  return (
    <AtForge href={rig && commitLink(rig.gitUrl, sha)} className={className}>
      {shortSha(sha)}
    </AtForge>
  );
}

export function BranchLink({ rigId, branch }: { rigId: string; branch: string }) {
  const rig = useRow('rigs', rigId);
  return <AtForge href={rig && branchLink(rig.gitUrl, branch)}>{branch}</AtForge>;
}

function AtForge({ href, className, children }: { href: string | null | undefined; className?: string | undefined; children: ReactNode }) {
  const shown = <Mono className={className}>{children}</Mono>;
  if (!href) return shown;
  return (
    <a
      href={href}
      target="_blank"
      rel="noopener noreferrer"
      className="hover:underline hover:decoration-line-strong hover:underline-offset-3"
    >
      {shown}
    </a>
  );
}
