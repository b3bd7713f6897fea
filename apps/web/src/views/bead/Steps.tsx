import { UNDISPATCHED_KINDS, type BeadRow, type MoleculeRow, type StepRow } from '@gastown/protocol';
import { Circle, CircleCheck, CircleDashed } from 'lucide-react';
import { useState } from 'react';
import { useCommand } from '../../commands/use-command.ts';
import { stepsOf } from '../../molecules.ts';
import { useSelect } from '../../replica/hooks.ts';
import { At, Section } from '../../ui/Bits.tsx';
import { Button } from '../../ui/Button.tsx';
import { Check } from '../../ui/Check.tsx';
import { ConfirmButton } from '../../ui/Confirm.tsx';
import { Input, RefusalNote, TextArea } from '../../ui/Field.tsx';
import { Progress } from '../../ui/Progress.tsx';

/** The written way of working on a bead, and how far it is; whoever takes the bead over goes on from there. */
export function Steps({ bead }: { bead: BeadRow }) {
  const molecule = useSelect(
    ['molecules'],
    (replica) =>
      [...replica.rows('molecules').values()].filter((row) => row.beadId === bead.id).toSorted((a, b) => b.createdAt - a.createdAt)[0],
    [bead.id],
  );
  const [writing, setWriting] = useState(false);
  const over = bead.status === 'closed' || bead.status === 'failed';
  // No agent takes it, so there is no way to go about it.
  const untaken = bead.hold === 'not_work' || (UNDISPATCHED_KINDS as readonly string[]).includes(bead.kind);
  if (!molecule && (over || untaken)) return null;
  return (
    <Section
      title="Steps"
      count={molecule?.steps.length ?? 0}
      aside={
        molecule ? (
          <span className="text-xs text-faint">
            {molecule.done} of {molecule.steps.length} done
          </span>
        ) : (
          <Button small kind="quiet" aria-expanded={writing} onClick={() => setWriting(!writing)}>
            Write down
          </Button>
        )
      }
    >
      {molecule ? (
        <Molecule molecule={molecule} over={over} />
      ) : writing ? (
        <WriteSteps bead={bead} onDone={() => setWriting(false)} />
      ) : (
        <p className="text-sm text-faint">None: its agent decides how to go about it.</p>
      )}
    </Section>
  );
}

function Molecule({ molecule, over }: { molecule: MoleculeRow; over: boolean }) {
  const { run, pending } = useCommand();
  return (
    <div className="flex flex-col gap-2">
      <Progress done={molecule.done} total={molecule.steps.length} label={`Steps of ${molecule.title}`} />
      <ol className="flex flex-col">
        {molecule.steps.map((step) => (
          <Step key={step.id} step={step} />
        ))}
      </ol>
      {!over && molecule.closedAt === null && (
        <ConfirmButton
          small
          kind="quiet"
          className="self-start"
          disabled={pending}
          sure={molecule.done > 0 ? 'Take them away, with what is done?' : 'Take them away?'}
          onConfirm={() => void run({ kind: 'molecule.detach', beadId: molecule.beadId }, 'The steps are gone')}
        >
          Take away
        </ConfirmButton>
      )}
    </div>
  );
}

const SIGN = {
  done: { icon: CircleCheck, tone: 'text-working', word: 'Done' },
  ready: { icon: Circle, tone: 'text-fg', word: 'Next' },
  waiting: { icon: CircleDashed, tone: 'text-faint', word: 'Later' },
} as const;

function Step({ step }: { step: StepRow }) {
  const { icon: Icon, tone, word } = SIGN[step.state];
  return (
    <li className="flex items-start gap-2.5 py-1.5 text-sm">
      <Icon size={15} className={`mt-0.5 shrink-0 ${tone}`} aria-label={word} />
      <span className="flex min-w-0 flex-1 flex-col [overflow-wrap:anywhere]">
        <span className={step.state === 'waiting' ? 'text-muted' : ''}>{step.title}</span>
        {step.summary ? (
          <span className="text-xs text-muted">{step.summary}</span>
        ) : (
          step.text && <span className="text-xs whitespace-pre-wrap text-faint">{step.text}</span>
        )}
      </span>
      {step.doneAt !== null && <At at={step.doneAt} className="text-xs" />}
    </li>
  );
}

function WriteSteps({ bead, onDone }: { bead: BeadRow; onDone: () => void }) {
  const { run, pending, refusal } = useCommand({ quiet: true });
  const [title, setTitle] = useState(bead.title);
  const [text, setText] = useState('');
  const [inOrder, setInOrder] = useState(true);
  const steps = stepsOf(text, inOrder);
  const save = async () => {
    const answer = await run({ kind: 'molecule.attach', beadId: bead.id, title: title.trim(), steps }, 'Steps planned');
    if (answer.ok) onDone();
  };
  return (
    <form
      className="flex flex-col gap-3 pb-2"
      onSubmit={(event) => {
        event.preventDefault();
        void save();
      }}
    >
      <Input
        label="Name of this way of working"
        value={title}
        onChange={(event) => setTitle(event.target.value)}
        required
        maxLength={200}
      />
      <TextArea label="One step a line" rows={5} value={text} onChange={(event) => setText(event.target.value)} required />
      <Check label="In this order" hint="Off: the agent chooses which comes first." checked={inOrder} onChange={setInOrder} />
      <RefusalNote refusal={refusal} />
      <div className="flex justify-end gap-2">
        <Button small onClick={onDone}>
          Cancel
        </Button>
        <Button small kind="primary" type="submit" pending={pending} disabled={steps.length === 0}>
          Write down {steps.length > 0 && steps.length}
        </Button>
      </div>
    </form>
  );
}
