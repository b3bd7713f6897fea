import { clock } from '../format.ts';
import { useConnection, useLink, useRev } from '../replica/hooks.ts';

/** While the town does not answer: what the page shows is old, and how it becomes new again. A link that is only cut and comes back says nothing. */
export function Away() {
  const connection = useConnection();
  const link = useLink(connection);
  const rev = useRev(connection);
  if (rev === null || link.state !== 'offline' || link.failures < 2) return null;
  return (
    <output className="flex shrink-0 items-center gap-2 border-b border-line bg-active px-4 py-1.5 text-sm">
      <span className="size-2 shrink-0 rounded-full border border-current" aria-hidden />
      <span>
        <b className="font-medium">The town does not answer.</b> This is how it stood at {clock(link.since)}; the page keeps trying by
        itself.
      </span>
    </output>
  );
}
