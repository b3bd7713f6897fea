import { failure } from '@gastown/protocol';
import type { Failure } from '@gastown/protocol';
import type { StateFolder } from '../state/folder.ts';
import { namedState, startCommand } from '../state/start-command.ts';
import { nameOf } from './meant.ts';
import { allRunning } from './which-state.ts';

/** What a start on `folder` says of the port of its page that it cannot have: one of one's own on it is told by its folder, not by a process. */
export function pagePortTaken(taken: Failure, port: number, folder: StateFolder, demo: boolean): Failure {
  const start = `${startCommand(folder, demo)} --port N`;
  const own = allRunning(undefined).find(({ lock }) => lock.port === port);
  if (own === undefined) return failure(taken.code, taken.message, { port }, `Start on another port: ${start}; or end that program`);
  return failure(
    taken.code,
    `${nameOf(own)} has port ${port}.`.replace(/^t/, 'T'),
    { port },
    `Start on another port: ${start}; or stop that one: ./gastown stop${namedState(own.folder)}`,
  );
}
