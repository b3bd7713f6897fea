import { money, type BeadAnswer, type Origin } from '@gastown/protocol';
import { many } from '../terminal/many.ts';
import { plain, plainLines } from '../terminal/plain.ts';

/** One bead for a terminal, with what the file that it came in says of it. */
export function beadText({ bead, why, about, origin, agent, merge }: BeadAnswer): string {
  const facts = [
    `${bead.id} · ${bead.title}`,
    `${bead.status} · ${bead.type === 'issue' ? bead.kind : bead.type} · ${bead.priority}${bead.labels.length > 0 ? ` · ${bead.labels.join(', ')}` : ''}`,
    `${origin?.came ? madeElsewhere(origin) : `made ${time(bead.createdAt)} by ${bead.createdBy || 'somebody'}`}, changed ${time(bead.updatedAt)}${bead.closedAt === null ? '' : `, closed ${time(bead.closedAt)}`}`,
    ...(origin?.came ? [broughtBy(origin.came)] : []),
    ...(about === null ? [] : [`about ${about.kind} ${about.id}`]),
    ...(why === null ? [] : [why]),
    ...(bead.landedCommit === null ? [] : [`landed as ${bead.landedCommit}`]),
    ...(merge === null ? [] : [`merge ${merge.id}: ${merge.phase}, into ${merge.targetBranch}`]),
    ...(agent === null ? [] : [`agent ${agent}`]),
    ...(bead.usage.costMicros > 0 ? [`cost ${money(bead.usage.costMicros)}`] : []),
    ...(bead.failure ? [`${bead.status === 'failed' ? 'failed' : 'the last try ended'}: ${bead.failure.message}`] : []),
    ...bead.dependsOn.map((edge) => `depends on ${edge.id} (${edge.type})`),
    ...(origin ? untakenText(origin) : []),
  ];
  return [...facts.map(plain), ...(bead.body === '' ? [] : ['', bead.body]), ...(origin ? originText(origin) : [])].join('\n');
}
const time = (at: number): string => new Date(at).toLocaleString('sv');

const madeElsewhere = ({ createdAt, createdBy }: Origin): string =>
  `made in another tool${createdAt === null ? '' : ` ${time(createdAt)}`}${createdBy === null ? ', by whom its file does not say' : ` by ${createdBy}`}`;
const broughtBy = ({ by, at, importId }: NonNullable<Origin['came']>): string =>
  `brought here ${time(at)} by ${by}${importId === null ? '' : ` with import ${importId}`}`;
const untakenText = ({ untaken, moreUntaken }: Origin): string[] => [
  ...untaken.map(
    ({ dependsOn, type, why }) => `its file names ${dependsOn || 'something'} too (${type || 'no type'}), which was not taken: ${why}`,
  ),
  ...(moreUntaken > 0 ? [`and ${many(moreUntaken, 'dependency', 'dependencies')} more, not taken`] : []),
];

/** What people wrote keeps its lines; nothing in it steers the terminal. */
function originText({ importId, assignee, closeReason, comments, earlierComments }: Origin): string[] {
  const said = [
    ...(assignee === null ? [] : [`assignee: ${plain(assignee)}`]),
    ...(closeReason === null ? [] : [`closed because: ${plainLines(closeReason)}`]),
    ...(earlierComments > 0 ? [`${many(earlierComments, 'earlier comment')} not shown; the export has all`] : []),
    ...comments.flatMap(({ author, at, text, cut }) => [
      `${plain(author ?? 'somebody')}${at === null ? '' : `, ${time(at)}`}:`,
      `  ${plainLines(text).replaceAll('\n', '\n  ')}${cut ? '… (cut; the export has all)' : ''}`,
    ]),
  ];
  return said.length === 0 ? [] : ['', `From the file it came with (${importId}):`, ...said];
}
