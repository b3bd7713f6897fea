import type { PersonCommand } from '@gastown/protocol';
import { useConnection } from '../replica/hooks.ts';
import { useUi } from '../ui-state.ts';
import { isLarge, startSize, type StartSize } from './starts.ts';
import { useCommand } from './use-command.ts';

/** As `useCommand`, for what may start planned work: a person is asked first whether to start much of it, since it is paid for. */
export function useStart(options: Parameters<typeof useCommand>[0] = {}) {
  const { run, pending, refusal } = useCommand(options);
  const { replica } = useConnection();
  const ask = useUi((state) => state.askStart);
  /** False: it was refused, or not wished after all. `size`: where only the caller knows it. */
  const start = async (command: PersonCommand, done: string, size: StartSize | null = startSize(replica, command)): Promise<boolean> =>
    (!size || !isLarge(size) || (await ask(size))) && (await run(command, done)).ok;
  return { start, pending, refusal };
}
