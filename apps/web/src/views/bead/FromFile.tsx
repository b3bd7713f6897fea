import type { BeadRow, OriginComment } from '@gastown/protocol';
import { Markdown } from '../../transcript/LazyMarkdown.tsx';
import { At, Facts, Section } from '../../ui/Bits.tsx';
import { TextToCome } from './BeadText.tsx';
import { Folded } from './Folded.tsx';
import { useBeadAnswer } from './use-bead-answer.ts';

/** What people wrote about the bead in the tool that it came from, and the town has no use for. */
export function FromFile({ bead }: { bead: BeadRow }) {
  const asked = useBeadAnswer(bead);
  // Where its text is missing too, that is said there.
  if (asked.error && bead.body !== null) return <TextToCome error={asked.error} again={() => void asked.refetch()} />;
  const origin = asked.data?.origin;
  if (!origin || (origin.assignee === null && origin.closeReason === null && origin.comments.length + origin.earlierComments === 0))
    return null;
  const { assignee, closeReason, comments, earlierComments } = origin;
  return (
    <Section title="From the file it came with" count={comments.length}>
      <div className="flex flex-col gap-3">
        {(assignee !== null || closeReason !== null) && (
          <Facts
            facts={[
              assignee === null ? null : ['Assignee', assignee],
              closeReason === null
                ? null
                : [
                    'Closed because',
                    <span key="w" className="whitespace-pre-wrap">
                      {closeReason}
                    </span>,
                  ],
            ]}
          />
        )}
        {earlierComments > 0 && (
          <p className="text-xs text-faint">
            {earlierComments.toLocaleString('en')} earlier {earlierComments === 1 ? 'comment is' : 'comments are'} not shown; the export has
            all.
          </p>
        )}
        <ul aria-label="Comments" className="flex flex-col gap-3">
          {comments.map((comment, at) => (
            <Comment key={at} comment={comment} />
          ))}
        </ul>
      </div>
    </Section>
  );
}

function Comment({ comment: { author, at, text, cut } }: { comment: OriginComment }) {
  return (
    <li className="border-l-2 border-line pl-3">
      <p className="text-xs text-muted [overflow-wrap:anywhere]">
        {author ?? 'Somebody'}
        {at !== null && (
          <>
            {' · '}
            <At at={at} />
          </>
        )}
      </p>
      <Folded text={text}>
        <Markdown text={text} />
      </Folded>
      {cut && <p className="text-xs text-faint">It goes on; the export has all of it.</p>}
    </li>
  );
}
