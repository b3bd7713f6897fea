import { reasonOf, type PersonCommand } from '@gastown/protocol';
import type { ReactNode } from 'react';
import { useCommand } from '../commands/use-command.ts';
import { clock } from '../format.ts';
import { useTown } from '../replica/hooks.ts';
import { Button } from '../ui/Button.tsx';
import { Away } from './Away.tsx';

/** What holds the whole town, said once on every page. */
export const TownState = () => (
  <>
    <Away />
    <Held />
  </>
);

function Held() {
  const town = useTown();
  if (town?.stopped)
    return (
      <Strip urgent step={RESUME}>
        <b className="font-medium">Stopped.</b> Every agent was ended and no model call goes through. What was under way goes on when you
        resume.
      </Strip>
    );
  if (town?.paused)
    return (
      <Strip step={RESUME}>
        <b className="font-medium text-fg">Paused.</b> No bead is begun; what runs goes on, and the Mayor answers you.
      </Strip>
    );
  const held = town?.dispatchHeld;
  if (held)
    return (
      <Strip urgent step={{ word: 'Try now', command: { kind: 'dispatch.reset' }, done: 'Everything that waited is tried now' }}>
        <b className="font-medium">Starts are held back</b>
        {held.until === null ? ' until one run gets through' : ` until ${clock(held.until)}`}, because agents do not start
        {reasonOf(held.failure)}
      </Strip>
    );
  // A container that stops because nothing is to be done says so in its own place.
  if (town && town.runnerDrainingAt !== null && town.container.state !== 'stopping')
    return (
      <Strip step={null}>
        <b className="font-medium text-fg">The runner is ending</b> since {clock(town.runnerDrainingAt)}: what it works on may come to an
        end, nothing new starts. The rest goes on with the next one.
      </Strip>
    );
  return null;
}

interface Step {
  readonly word: string;
  readonly command: PersonCommand;
  readonly done: string;
  /** The top bar has a button for it where it has the room. */
  readonly phoneOnly?: true;
}
const RESUME: Step = { word: 'Resume', command: { kind: 'town.resume' }, done: 'Town resumed', phoneOnly: true };

function Strip({ children, urgent = false, step }: { children: ReactNode; urgent?: boolean; step: Step | null }) {
  const { run, pending } = useCommand();
  return (
    <div
      className={`flex shrink-0 flex-wrap items-center gap-x-3 gap-y-1 border-b border-line px-4 py-1.5 text-sm ${urgent ? 'bg-accent-wash text-accent' : 'bg-sunken text-muted'}`}
    >
      <output className="min-w-52 flex-1">{children}</output>
      {step && (
        <Button
          small
          kind={urgent ? 'accent' : 'plain'}
          className={step.phoneOnly && 'sm:hidden'}
          pending={pending}
          onClick={() => void run(step.command, step.done)}
        >
          {step.word}
        </Button>
      )}
    </div>
  );
}
