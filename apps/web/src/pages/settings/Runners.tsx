import { RunnerId, type RunnerRow } from '@gastown/protocol';
import { Plus } from 'lucide-react';
import { useState } from 'react';
import { z } from 'zod';
import { useCommand } from '../../commands/use-command.ts';
import { useSelect, useTown } from '../../replica/hooks.ts';
import { inOrder } from '../../runners.ts';
import { runnerSign } from '../../signal.ts';
import { Button } from '../../ui/Button.tsx';
import { RefusalNote } from '../../ui/Field.tsx';
import { ObjectLink } from '../../ui/ObjectLink.tsx';
import { SignWord } from '../../ui/Sign.tsx';
import { RunnerForm, type RunnerWish } from '../../views/RunnerForm.tsx';
import { StartRunner } from '../../views/StartRunner.tsx';
import { placesText, takesText } from '../../views/runner-words.ts';
import { useRunnerToken } from '../../views/use-runner-token.ts';

/** Where agents work: the town's container, and machines of one's own. */
export function Runners() {
  const runners = useSelect(['runners'], (replica) => inOrder(replica.rows('runners').values()));
  const [adding, setAdding] = useState(false);
  const token = useRunnerToken();
  return (
    <div className="flex flex-col gap-5">
      <p className="max-w-md text-sm text-muted">
        Agents work in the town’s container, and on machines of your own that you add here. The Mayor is always in the container.
      </p>
      <ul className="divide-y divide-line border-y border-line">
        {runners.map((runner) => (
          <RunnerItem key={runner.id} runner={runner} />
        ))}
      </ul>
      {token.given ? (
        <StartRunner {...token.given} onDone={token.putAway} />
      ) : adding ? (
        <AddRunner
          onAdded={(id) => {
            setAdding(false);
            void token.make(id);
          }}
          onCancel={() => setAdding(false)}
        />
      ) : (
        <Button icon={<Plus size={15} />} className="self-start" pending={token.pending} onClick={() => setAdding(true)}>
          Add a runner
        </Button>
      )}
      {/* It is there by now: on its own page a token can be made again. */}
      <RefusalNote refusal={token.refusal} />
    </div>
  );
}

function RunnerItem({ runner }: { runner: RunnerRow }) {
  const container = useTown()?.container;
  const names = useSelect(['rigs'], (replica) => runner.rigs?.map((id) => replica.row('rigs', id)?.name ?? id) ?? null, [runner]);
  return (
    <li>
      <ObjectLink
        at={{ kind: 'runner', id: runner.id }}
        row
        className="flex min-h-12 flex-col gap-x-3 gap-y-0.5 rounded-md px-1 py-1.5 text-sm hover:bg-hover sm:flex-row sm:items-center"
      >
        <span className="flex min-w-0 flex-1 flex-col">
          <span className="truncate font-medium">{runner.name}</span>
          <span className="text-muted">{takesText(names)}</span>
        </span>
        <span className="flex items-center gap-3 max-sm:flex-row-reverse max-sm:self-start">
          <span className="text-muted">{placesText(runner)}</span>
          <SignWord sign={runnerSign(runner, container)} />
        </span>
      </ObjectLink>
    </li>
  );
}

const Added = z.object({ runnerId: RunnerId });

function AddRunner({ onAdded, onCancel }: { onAdded: (id: RunnerRow['id']) => void; onCancel: () => void }) {
  const { run, pending, refusal } = useCommand({ quiet: true });
  const add = async (wish: RunnerWish) => {
    const answer = await run({ kind: 'runner.add', ...wish });
    if (answer.ok) onAdded(Added.parse(answer.value).runnerId);
  };
  return (
    <section aria-label="Add a runner" className="flex flex-col gap-4">
      <RunnerForm submit="Add runner" refusal={refusal} pending={pending} onSubmit={(wish) => void add(wish)} onCancel={onCancel} />
    </section>
  );
}
