import type { BeadRow } from '@gastown/protocol';
import { Markdown } from '../../transcript/LazyMarkdown.tsx';
import { Button } from '../../ui/Button.tsx';
import { Folded } from './Folded.tsx';
import { useBeadAnswer } from './use-bead-answer.ts';

/** What a bead wants. A frame carries the texts of the newest beads alone: that of another is asked for when somebody looks, and anew when the bead has changed (P10). */
export function useBeadText(bead: BeadRow): { text: string | null; waiting: TextWaits } {
  const asked = useBeadAnswer(bead, bead.body === null);
  return { text: bead.body ?? asked.data?.bead.body ?? null, waiting: { error: asked.error, again: () => void asked.refetch() } };
}
interface TextWaits {
  readonly error: Error | null;
  readonly again: () => void;
}

export function BeadText({ bead }: { bead: BeadRow }) {
  const { text, waiting } = useBeadText(bead);
  if (text === null) return <TextToCome {...waiting} />;
  if (text === '') return null;
  return (
    <Folded key={bead.id} text={text}>
      <Markdown text={text} />
    </Folded>
  );
}

export function TextToCome({ error, again }: TextWaits) {
  if (error === null) return <output aria-label="Loading the text" className="block h-16 animate-pulse rounded bg-sunken" />;
  return (
    <p role="alert" className="flex items-center gap-3 text-sm text-muted">
      {error.message}
      <Button small onClick={again}>
        Try again
      </Button>
    </p>
  );
}
