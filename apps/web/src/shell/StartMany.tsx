import { Link } from '@tanstack/react-router';
import { Play } from 'lucide-react';
import type { StartSize } from '../commands/starts.ts';
import { figuresOf } from '@gastown/protocol/needs';
import { useSelect, useTown } from '../replica/hooks.ts';
import { Button } from '../ui/Button.tsx';
import { Modal } from '../ui/Modal.tsx';
import { useUi } from '../ui-state.ts';
import { boundWords } from './start-words.ts';
import { useTownId } from './town-id.ts';

/** Much work at one press: how much, where, and what bounds its cost, before any of it begins. Enter alone starts nothing. */
export function StartMany() {
  const asked = useUi((state) => state.asked);
  if (!asked) return null;
  return (
    <Modal title={startTitle(asked.size)} open onClose={() => asked.answer(false)}>
      <StartQuestion
        size={asked.size}
        otherwise="To start only some, start each on its page."
        answer={asked.answer}
        onLeave={() => asked.answer(false)}
      />
    </Modal>
  );
}
export const startTitle = ({ many }: StartSize): string => `Start ${many.toLocaleString('en')} beads?`;

/** `otherwise`: how to start less of it. `onLeave`: it leads away from here. */
export function StartQuestion({
  size,
  otherwise,
  answer,
  onLeave,
}: {
  size: StartSize;
  otherwise: string;
  answer: (yes: boolean) => void;
  onLeave: () => void;
}) {
  const id = useTownId();
  const town = useTown();
  const limit = useSelect(['town', 'limits'], (replica) => figuresOf(replica, `town:${id}`), [id]);
  const many = size.many.toLocaleString('en');
  return (
    <div className="flex flex-col gap-4 text-sm">
      <ul className="flex list-disc flex-col gap-1 pl-5">
        <li>
          {many} beads of {size.where} are started. Agents take them in their order, at most {size.slots} at a time.
        </li>
        {town && <li>{boundWords(town, limit)}</li>}
        {town?.paused && <li>The town is {town.stopped ? 'stopped' : 'paused'}: they begin when it is resumed.</li>}
      </ul>
      <p className="text-muted">
        What it may cost:{' '}
        <Link
          to="/t/$town/settings"
          params={{ town: id }}
          search={{ tab: 'spend' }}
          onClick={onLeave}
          className="underline decoration-line-strong underline-offset-3 hover:decoration-current"
        >
          Settings › Spend
        </Link>
        . {otherwise}
      </p>
      <div className="flex justify-end gap-2">
        <Button data-first onClick={() => answer(false)}>
          Not now
        </Button>
        <Button kind="accent" icon={<Play size={15} />} onClick={() => answer(true)}>
          Start {many}
        </Button>
      </div>
    </div>
  );
}
