import { useState } from 'react';
import { useCommand } from '../../commands/use-command.ts';

/** A field edit shows at once and rolls back, visibly, when the town refuses (ui.md §1.6). */
export function useFieldEdit<T extends string>(value: T) {
  const command = useCommand();
  const [wish, setWish] = useState<{ from: T; to: T } | null>(null);
  const shown = wish && wish.from === value ? wish.to : value;
  const put = async (to: T, send: () => ReturnType<typeof command.run>) => {
    setWish({ from: value, to });
    const answer = await send();
    if (!answer.ok) setWish(null);
  };
  return { ...command, shown, put };
}
