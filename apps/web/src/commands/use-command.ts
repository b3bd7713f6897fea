import { use, useEffect, useRef, useState } from 'react';
import type { PersonCommand } from '@gastown/protocol';
import { toast } from '../ui/toast.ts';
import type { Answer } from '../api.ts';
import { TownContext } from '../replica/hooks.ts';
import { useTownId } from '../shell/town-id.ts';
import { tellsDone } from './done.ts';
import { sameWish, send, type Intent } from './send.ts';

export interface Refusal {
  readonly code: string;
  readonly message: string;
  readonly next: string;
  /** No answer came: it is over when the link is back. */
  readonly unanswered?: true;
}

/**
 * Runs commands for one control: `pending` while the town has not answered, `refusal` when it said no. Success is only told after the town's answer.
 */
export function useCommand(options: { quiet?: boolean } = {}) {
  const town = useTownId();
  const [pending, setPending] = useState(false);
  const [refusal, setRefusal] = useState<Refusal | null>(null);
  const open = useRef<Intent | null>(null);
  const connection = use(TownContext);
  useEffect(
    () =>
      connection?.onLink(() => {
        if (connection.link.state === 'live') setRefusal((said) => (said?.unanswered ? null : said));
      }),
    [connection],
  );

  const run = async (command: PersonCommand, done?: string): Promise<Answer<unknown>> => {
    const intent = sameWish(open.current, command);
    open.current = intent;
    setPending(true);
    setRefusal(null);
    const answer = await send(town, intent);
    setPending(false);
    if (answer.ok) {
      open.current = null;
      if (done) toast.success(tellsDone(command, answer.value, done));
      return answer;
    }
    if (!answer.unanswered) open.current = null;
    const said = {
      code: answer.failure.code,
      message: answer.failure.message,
      next: answer.next,
      ...(answer.status === 0 && { unanswered: true as const }),
    };
    setRefusal(said);
    if (!options.quiet) toast.error(said.message, { description: said.next });
    return answer;
  };
  return { run, pending, refusal, clear: () => setRefusal(null) };
}
