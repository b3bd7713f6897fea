import type { BeadId } from '@gastown/protocol';
import { useQuery } from '@tanstack/react-query';
import { Archive, ArchiveRestore } from 'lucide-react';
import type { ReactNode } from 'react';
import { askPage, idsOf, MOST_BACK, questionOf } from '../older.ts';
import type { BoardFilter } from '../ordering.ts';
import { useTownId } from '../shell/town-id.ts';
import { Button } from '../ui/Button.tsx';
import { Modal } from '../ui/Modal.tsx';
import { useArchive } from './archive.ts';

interface Asking {
  readonly ids: readonly BeadId[];
  readonly filter: BoardFilter;
  readonly onClose: () => void;
}
const beads = (count: number, before = ''): string => `${count.toLocaleString('en')} ${before}${count === 1 ? 'bead' : 'beads'}`;

/** Says how many leave the board, and where they are then. */
export function ArchiveMany({ ids, onClose }: Asking) {
  const { archive, pending } = useArchive();
  return (
    <Question title={`Archive ${beads(ids.length, 'closed ')}?`} onClose={onClose}>
      <p>
        {ids.length === 1 ? 'It leaves' : 'They leave'} the board; nothing else about {ids.length === 1 ? 'it' : 'them'} changes. With{' '}
        <b>Show archived</b> the board lists what is archived, and brings it back.
      </p>
      <Answers onClose={onClose}>
        <Button kind="primary" icon={<Archive size={15} />} pending={pending} data-first onClick={() => void archive(ids).finally(onClose)}>
          Archive {beads(ids.length)}
        </Button>
      </Answers>
    </Question>
  );
}

/** All that is archived of the filter, also what the page has not loaded: the town says which they are. */
export function BringBack({ filter, onClose }: Asking) {
  const town = useTownId();
  const { bringBack, pending } = useArchive();
  const question = questionOf(filter, 'only');
  const asked = useQuery({
    queryKey: ['archived beads', town, question],
    queryFn: ({ signal }) => idsOf((after) => askPage(town, question, after, { signal })),
    staleTime: 0,
    gcTime: 0,
  });
  const ids = asked.data ?? [];
  return (
    <Question title="Bring back archived beads" onClose={onClose}>
      {asked.error ? (
        <p role="alert">{asked.error.message}</p>
      ) : asked.data ? (
        <p>
          {ids.length === MOST_BACK && 'The newest '}
          {beads(ids.length, 'closed ')} of the chosen filter {ids.length === 1 ? 'is' : 'are'} archived. Brought back,{' '}
          {ids.length === 1 ? 'it is' : 'they are'} on the board without <b>Show archived</b>.
        </p>
      ) : (
        <output>Counting what is archived …</output>
      )}
      <Answers onClose={onClose}>
        {asked.error ? (
          <Button onClick={() => void asked.refetch()}>Try again</Button>
        ) : (
          <Button
            kind="primary"
            icon={<ArchiveRestore size={15} />}
            pending={pending || asked.isPending}
            disabled={ids.length === 0}
            data-first
            onClick={() => void bringBack(ids).finally(onClose)}
          >
            Bring back {asked.data ? beads(ids.length) : '…'}
          </Button>
        )}
      </Answers>
    </Question>
  );
}

const Question = ({ title, onClose, children }: { title: string; onClose: () => void; children: ReactNode }) => (
  <Modal title={title} open onClose={onClose}>
    <div className="flex flex-col gap-4 text-sm">{children}</div>
  </Modal>
);
const Answers = ({ onClose, children }: { onClose: () => void; children: ReactNode }) => (
  <div className="flex justify-end gap-2">
    <Button onClick={onClose}>Cancel</Button>
    {children}
  </div>
);
