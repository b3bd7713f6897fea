import type { TownInfo } from '@gastown/protocol';
import { useNavigate } from '@tanstack/react-router';
import { useState, type ReactNode } from 'react';
import { api } from '../api.ts';
import type { Refusal } from '../commands/use-command.ts';
import { queryClient, useSession } from '../queries.ts';
import { Button } from '../ui/Button.tsx';
import { Input, RefusalNote } from '../ui/Field.tsx';

/** Names a town and makes it; then the wizard goes on with its repository. `children` stand beside the button. */
export function TownForm({ children }: { children?: ReactNode }) {
  const navigate = useNavigate();
  const session = useSession();
  const [name, setName] = useState('');
  const [refusal, setRefusal] = useState<Refusal | null>(null);
  const [pending, setPending] = useState(false);
  const submit = async () => {
    setPending(true);
    setRefusal(null);
    const made = await createTown(name);
    setPending(false);
    if (made.ok) await navigate({ to: '/new', search: { town: made.town.id, step: 'repository' } });
    else setRefusal(made.refusal);
  };
  return (
    <form
      className="flex max-w-md flex-col gap-4"
      onSubmit={(event) => {
        event.preventDefault();
        void submit();
      }}
    >
      <Input
        label="Name of the town"
        value={name}
        onChange={(event) => setName(event.target.value)}
        placeholder={session.data?.demo ? 'Demo' : 'acme'}
        required
        maxLength={60}
        first
      />
      <RefusalNote refusal={refusal} />
      <div className="flex gap-2">
        <Button kind="primary" type="submit" pending={pending}>
          Create town
        </Button>
        {children}
      </div>
    </form>
  );
}

async function createTown(name: string): Promise<{ ok: true; town: TownInfo } | { ok: false; refusal: Refusal }> {
  const answer = await api.createTown(name);
  if (!answer.ok) return { ok: false, refusal: { code: answer.failure.code, message: answer.failure.message, next: answer.next } };
  queryClient.setQueryData<TownInfo[]>(['towns'], (known) => [
    ...(known ?? []).filter((town) => town.id !== answer.value.id),
    answer.value,
  ]);
  return { ok: true, town: answer.value };
}
