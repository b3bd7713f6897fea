import type { TownRow } from '@gastown/protocol';

type Machine = Pick<TownRow, 'container' | 'runnerConnected' | 'runnerDrainingAt'>;

/** Why a message is not with its agent yet though nothing else holds it: the machine of the town is not there (MY-14). Null: it is. It goes out once, when the machine is. */
export function wakingWords(town: Machine | undefined): string | null {
  if (town === undefined) return null;
  if (town.container.state === 'failed')
    return `The machine of the town does not start: ${town.container.failure?.message ?? 'no reason is known'}`;
  if (town.container.state === 'stopping') return 'The machine of the town is stopping; it starts again for this';
  if (town.container.state !== 'running' || !town.runnerConnected) return 'The town is waking (about 30 s)';
  return town.runnerDrainingAt === null ? null : 'The runner is ending; this goes to the next one';
}
