import type { CreateTown, TownInfo } from '@gastown/protocol';
import { useNavigate } from '@tanstack/react-router';
import { useRef, useState, type ReactNode } from 'react';
import { sameTown, sendTown } from '../commands/send.ts';
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
  const open = useRef<CreateTown | null>(null);
  const submit = async () => {
    setPending(true);
    setRefusal(null);
    const wish = sameTown(open.current, name);
    open.current = wish;
    const made = await createTown(wish);
    setPending(false);
    if (made.ok || !made.unanswered) open.current = null;
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

async function createTown(wish: CreateTown): Promise<{ ok: true; town: TownInfo } | { ok: false; refusal: Refusal; unanswered: boolean }> {
  const answer = await sendTown(wish);
  if (!answer.ok) {
    const { failure, next, unanswered } = answer;
    return { ok: false, refusal: { code: failure.code, message: failure.message, next }, unanswered };
  }
  queryClient.setQueryData<TownInfo[]>(['towns'], (known) => [
    ...(known ?? []).filter((town) => town.id !== answer.value.id),
    answer.value,
  ]);
  return { ok: true, town: answer.value };
}
