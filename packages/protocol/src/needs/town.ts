import { nextStep, type Failure, type TownRow } from '../index.ts';
import { agentName, need, says, type Need, type Rows } from './need.ts';
import { figuresOf, reachOf, reachSays } from './reach.ts';

/** Limits that hold something back and that nobody has asked about yet: beads, convoys and agents at a hard limit have an escalation of their own. */
export function limited(replica: Rows): Need[] {
  return [...replica.rows('limits').values()].flatMap((limit) => {
    const figures = limit.of === '*' ? undefined : figuresOf(replica, limit.id);
    const reach = figures && reachOf(figures);
    if (!figures || !reach || (reach === 'hard' && limit.level !== 'town' && limit.level !== 'rig')) return [];
    const whose = limit.level === 'town' ? 'the town' : nameOf(replica, limit.level, limit.of);
    return need({
      id: `limit ${limit.id}`,
      title: reach === 'hard' ? `The hard limit of ${whose} is reached` : `The soft limit of ${whose} is reached`,
      detail: reachSays(reach, figures),
      at: 0,
      weight: reach === 'hard' ? 3 : 2,
      holds: limit.level === 'town' || limit.level === 'rig' || limit.level === 'convoy' ? limit.level : 'bead',
      opens: { settings: 'spend', limit: limit.id, word: 'Raise' },
    });
  });
}
function nameOf(replica: Rows, level: string, id: string): string {
  if (level === 'rig') return `the rig ${replica.rows('rigs').get(id)?.name ?? id}`;
  if (level === 'agent') return agentName(replica, id) ?? id;
  if (level === 'convoy') return replica.rows('convoys').get(id)?.title ?? id;
  return replica.rows('beads').get(id)?.title ?? id;
}

export function ofTown(replica: Rows, town: TownRow): Need[] {
  const trouble = modelTrouble(replica);
  const about = { at: 0, weight: 3, holds: 'town' } as const;
  return [
    ...(town.container.state === 'failed'
      ? [
          need({
            id: 'container',
            title: 'The town container does not start',
            detail: says(town.container.failure, 'No reason is known.'),
            at: town.container.since,
            weight: 4,
            holds: 'town',
            opens: { settings: 'general' },
          }),
        ]
      : []),
    ...(town.dispatchHeld
      ? [
          need({
            ...about,
            id: 'dispatch',
            title: 'No agent is started for a while: starts fail',
            detail: says(town.dispatchHeld.failure, 'No reason is known.'),
            weight: 4,
            opens: { settings: 'general' },
            sends: { kind: 'dispatch.reset' },
          }),
        ]
      : []),
    ...(!town.model && !town.scripted
      ? [
          need({
            ...about,
            id: 'model',
            title: 'No model is configured',
            detail: 'Agents cannot think without one.',
            opens: { settings: 'models', word: 'Choose a model' },
          }),
        ]
      : []),
    ...(trouble
      ? [
          need({
            ...about,
            id: 'model-trouble',
            title: 'The model does not answer',
            detail: trouble.message,
            opens: { settings: 'models' },
            step: nextStep(trouble),
          }),
        ]
      : []),
    ...(town.stopped
      ? [
          need({
            ...about,
            id: 'stopped',
            title: 'The town is stopped',
            detail: 'No agent works and no model call goes through. What was under way goes on when you resume.',
            opens: { settings: 'general' },
            sends: { kind: 'town.resume' },
          }),
        ]
      : []),
  ];
}

/** The newest run of any agent ended because the provider could not be reached, and none has got through since. What it refuses has an alert of its own. */
function modelTrouble(replica: Rows): Failure | null {
  const newest = [...replica.rows('runs').values()].filter((run) => run.endedAt !== null).toSorted((a, b) => b.endedAt! - a.endedAt!)[0];
  return newest?.failure?.code === 'model_unreachable' ? newest.failure : null;
}
