import type { BeadRow } from '@gastown/protocol';
import { ScrollBox } from '../../ui/ScrollBox.tsx';

/** The row as it is, for who wants to see all of it. */
export function RawJson({ bead }: { bead: BeadRow }) {
  return (
    <details>
      <summary className="text-xs text-faint hover:text-fg">Raw JSON</summary>
      <ScrollBox className="mt-2" label="Raw JSON of the bead">
        {JSON.stringify(bead, null, 2)}
      </ScrollBox>
    </details>
  );
}
