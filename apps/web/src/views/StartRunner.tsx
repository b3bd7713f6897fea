import type { RunnerRow } from '@gastown/protocol';
import { useRow, useTown } from '../replica/hooks.ts';
import { startLine } from '../runners.ts';
import { runnerSign } from '../signal.ts';
import { CopyButton } from '../ui/Bits.tsx';
import { Button } from '../ui/Button.tsx';
import { ScrollBox } from '../ui/ScrollBox.tsx';
import { SignWord } from '../ui/Sign.tsx';

/** The line to copy, with the token that is never shown again, and whether the machine has come. */
export function StartRunner({ id, token, onDone }: { id: RunnerRow['id']; token: string; onDone: () => void }) {
  const runner = useRow('runners', id);
  const container = useTown()?.container;
  const line = startLine(location.origin, token);
  return (
    <section aria-label="Start the runner" className="flex flex-col gap-3 rounded-lg border border-line bg-sunken px-3 py-3 text-sm">
      <p>
        On that machine, in a clone of this project, run the line below. <b className="font-medium">Its token is shown now and not again</b>
        : whoever has it is this runner.
      </p>
      <div className="flex items-start gap-2">
        <ScrollBox label="Line to start the runner" className="min-w-0 flex-1">
          {line}
        </ScrollBox>
        <CopyButton text={line} label="Copy the line" />
      </div>
      <p className="text-muted">
        Agents run commands there. Who may tell the Mayor what to do decides which, within what the town allows; when it starts, it says in
        plain words what they can reach.
      </p>
      <div className="flex flex-wrap items-center gap-3">
        {runner && <SignWord sign={runnerSign(runner, container)} />}
        <span className="flex-1" />
        <Button small kind={runner?.connected ? 'primary' : 'plain'} onClick={onDone}>
          Done
        </Button>
      </div>
    </section>
  );
}
