import type { BeadRow, Origin } from '@gastown/protocol';
import { useOrigin } from './use-bead-answer.ts';
import { ScrollBox } from '../../ui/ScrollBox.tsx';

/** With what the file says that it came in. */
export function RawBead({ bead }: { bead: BeadRow }) {
  return <RawJson bead={bead} origin={useOrigin(bead)} />;
}

/** The row as it is, for who wants to see all of it. */
export function RawJson({ bead, origin = null }: { bead: BeadRow; origin?: Origin | null }) {
  return (
    <details>
      <summary className="text-xs text-faint hover:text-fg">Raw JSON</summary>
      <ScrollBox className="mt-2" label="Raw JSON of the bead">
        {JSON.stringify(origin ? { ...bead, origin } : bead, null, 2)}
      </ScrollBox>
    </details>
  );
}
