import type { RunnerRow } from '@gastown/protocol';
import { useState } from 'react';
import { api } from '../api.ts';
import type { Refusal } from '../commands/use-command.ts';
import { useTownId } from '../shell/town-id.ts';

/** Asks for a new token of a runner, which makes the one before worthless. It is held here until it is put away, and nowhere else. */
export function useRunnerToken() {
  const town = useTownId();
  const [given, setGiven] = useState<{ id: RunnerRow['id']; token: string } | null>(null);
  const [pending, setPending] = useState(false);
  const [refusal, setRefusal] = useState<Refusal | null>(null);
  const make = async (id: RunnerRow['id']) => {
    setPending(true);
    setRefusal(null);
    const answer = await api.runnerToken(town, id);
    setPending(false);
    if (answer.ok) setGiven({ id, token: answer.value.token });
    else setRefusal({ code: answer.failure.code, message: answer.failure.message, next: answer.next });
  };
  return { given, pending, refusal, make, putAway: () => setGiven(null) };
}
