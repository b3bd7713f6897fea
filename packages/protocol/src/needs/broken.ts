import { isWithRunner, nextStep, type BeadRow, type RigRow, type RunnerRow } from '../index.ts';
import { need, says, type Need, type Rows } from './need.ts';

export function unreachable(replica: Rows): Need[] {
  return [...replica.rows('rigs').values()]
    .filter((rig) => rig.state === 'unreachable')
    .map((rig) =>
      need({
        id: rig.id,
        title: `${rig.name} ${troubleOf(rig)}`,
        detail: says(rig.failure, 'The repository does not answer.'),
        at: rig.failingSince ?? 0,
        weight: 3,
        holds: 'rig',
        opens: { drawer: { kind: 'rig', id: rig.id } },
        goes:
          rig.failure?.code === 'repository_not_found' ? { settings: 'repositories', rig: rig.id, word: 'Remove it', after: true } : null,
        sends: { kind: 'rig.reconnect', rigId: rig.id },
        step: rig.failure && nextStep(rig.failure),
      }),
    );
}

const troubleOf = ({ failure }: RigRow): string =>
  failure?.code === 'repository_refused'
    ? 'refuses the credentials'
    : failure?.code === 'repository_not_found'
      ? 'is not found'
      : failure?.code === 'repository_checked_out'
        ? 'takes no landing'
        : 'cannot be reached';

export function parked(replica: Rows): Need[] {
  const told = new Set([...replica.rows('rigs').values()].filter(({ state }) => state === 'unreachable').map(({ id }) => `rig:${id}`));
  const effects = [...replica.rows('parked').values()].filter(({ kind, target }) => kind !== 'rig.connect' || !told.has(target));
  return effects.map((effect) =>
    need({
      id: effect.id,
      title: `${effect.kind} gave up after ${effect.attempts} tries`,
      detail: says(effect.failure, `Target: ${effect.target}`),
      at: effect.at,
      weight: 2,
      holds: effect.target.startsWith('rig:') ? 'rig' : 'bead',
      opens: { settings: 'health', word: 'Town health' },
      sends: { kind: 'effect.retry', effectId: effect.id },
    }),
  );
}

export const INPUTS = {
  report: 'a report of the runner',
  outcome: 'the outcome of a step',
  tool: 'a tool call of an agent',
  container: 'what was seen of the container',
  spend: 'what a model call cost',
} as const;

export function putAside(replica: Rows): Need[] {
  return [...replica.rows('quarantine').values()].map((input) =>
    need({
      id: input.id,
      title: `The town broke over ${INPUTS[input.source]} (${input.kind})`,
      detail: input.times > 1 ? `${input.error} It came ${input.times} times.` : input.error,
      at: input.at,
      weight: 3,
      holds: 'bead',
      opens: { settings: 'health', word: 'Town health' },
      sends: input.retriable ? { kind: 'quarantine.retry', quarantineId: input.id } : null,
      step: 'Apply it again, or read and discard it in Settings › Health.',
    }),
  );
}

/** Machines that are away while work may go nowhere else (what one has already goes elsewhere in a moment), and repositories that nobody takes: only a person can bring one. */
export function missed(replica: Rows): Need[] {
  const waiting = Map.groupBy(
    [...replica.rows('beads').values()].filter(
      (bead) => bead.wait?.code === 'no_runner' || (bead.wait?.code === 'runner_away' && !isWithRunner(bead)),
    ),
    ({ wait }) => `${wait?.code}:${wait?.ref ?? ''}`,
  );
  return [...waiting].map(([id, beads]) => {
    const [{ wait, rigId }] = beads as [BeadRow];
    const many = beads.length === 1 ? 'One bead waits' : `${beads.length} beads wait`;
    const runner = wait?.code === 'runner_away' ? replica.rows('runners').get(wait.ref ?? '') : undefined;
    const rig = replica.rows('rigs').get(rigId ?? '')?.name ?? 'a repository';
    return need({
      id,
      title: runner ? `The runner ${runner.name} ${runner.failure ? 'does not answer' : 'is not there'}` : `No runner takes ${rig}`,
      detail: runner ? `${many} for it, and may go nowhere else.` : `${many} for one.`,
      at: runner?.linkSince ?? 0,
      weight: 3,
      holds: 'rig',
      opens: runner ? { drawer: { kind: 'runner', id: runner.id } } : { settings: 'runners', word: 'Runners' },
      goes: runner ? { drawer: { kind: 'runner', id: runner.id }, word: 'Open the runner' } : null,
      step: runner ? bringBack(runner, beads.length) : 'Let one of your runners take it, or add one, in Settings › Runners.',
    });
  });
}

const bringBack = ({ failure }: RunnerRow, waiting: number): string =>
  `Start it ${failure ? 'anew on its machine' : 'on its machine'} with the line you were given (./gastown runner …), or let another take ` +
  `the ${waiting === 1 ? 'bead' : 'beads'} in Settings › Runners.`;

/** Lines of files that an import could not take: those of a rig are one need (issue, Build 6). */
export function untaken(replica: Rows): Need[] {
  return [...replica.rows('rigs').values()].flatMap(({ id, name, state, badLines }) =>
    badLines && state !== 'removed'
      ? need({
          id: `lines ${id}`,
          title: `${badLines.lines === 1 ? '1 line' : `${badLines.lines.toLocaleString('en')} lines`} of a file could not be taken into ${name}`,
          detail: 'Mend the file and import it again, or let go of them.',
          at: badLines.since,
          weight: 1,
          holds: 'nothing',
          opens: { settings: 'import', word: 'Read them' },
        })
      : [],
  );
}
