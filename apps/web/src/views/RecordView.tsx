import type { BeadAnswer, BeadRow, BeadType } from '@gastown/protocol';
import { Markdown } from '../transcript/LazyMarkdown.tsx';
import { At, Facts } from '../ui/Bits.tsx';
import { RawJson } from './bead/RawJson.tsx';
import { Timeline } from './bead/Timeline.tsx';
import { AgentLink, BeadLink, FailureBanner, Maker, RigLink } from './parts.tsx';

const WORDS: Record<BeadType, string> = {
  issue: 'Bead',
  message: 'Message',
  escalation: 'Question',
  merge_request: 'Merge',
  convoy: 'Convoy',
  molecule: 'Molecule',
  triage_request: 'Question of a patrol',
  agent: 'Agent',
};

/** A merge, question, convoy, agent or message of long ago, as its bead tells of it (DM-1). Nothing can be done with it here. */
export function RecordView({ answer: { bead, why, about } }: { answer: BeadAnswer & { bead: BeadRow } }) {
  return (
    <article className="flex flex-col gap-4 p-4 sm:p-5">
      <h1 className="text-lg leading-snug font-semibold [overflow-wrap:anywhere]">{bead.title}</h1>
      {bead.failure && <FailureBanner failure={bead.failure} at={bead.updatedAt} />}
      <Facts
        facts={[
          ['Type', WORDS[bead.type]],
          ['Status', bead.status.replaceAll('_', ' ')],
          why === null ? null : ['Waits', why],
          about && ['About', about.kind === 'agent' ? <AgentLink key="a" id={about.id} glyph /> : <BeadLink key="b" id={about.id} />],
          bead.rigId ? ['Rig', <RigLink key="r" id={bead.rigId} />] : null,
          [
            'Created',
            <>
              <At at={bead.createdAt} /> <Maker by={bead.createdBy} />
            </>,
          ],
          bead.closedAt === null ? null : ['Closed', <At key="c" at={bead.closedAt} />],
        ]}
      />
      {bead.body && <Markdown text={bead.body} />}
      <Timeline of={bead} />
      <RawJson bead={bead} />
    </article>
  );
}
