import { ChevronDown } from 'lucide-react';
import type { Need } from '@gastown/protocol/needs';
import { AskDetail } from './AskCard.tsx';

/** Fewer characters than this stand in the two lines that a narrow list has for a reason. */
const FITS = 80;

/** Why it waits. In a narrow list its beginning, which opens to all that is told of it. */
export function NeedReason({ need, compact }: { need: Need; compact: boolean }) {
  const rest = (
    <>
      {need.more.map((text) => (
        <p key={text} className="text-muted [overflow-wrap:anywhere]">
          {text}
        </p>
      ))}
      {need.permission && <AskDetail asked={need.permission} />}
    </>
  );
  if (!compact)
    return (
      <>
        <p className="text-muted [overflow-wrap:anywhere]">{need.detail}</p>
        {rest}
      </>
    );
  if (need.detail.length <= FITS && need.more.length === 0 && !need.permission?.detail)
    return <p className="text-xs text-muted [overflow-wrap:anywhere]">{need.detail}</p>;
  return (
    <details className="group text-xs">
      <summary title={[need.detail, ...need.more].join('\n')} className="flex items-start gap-1 text-muted hover:text-fg">
        <span className="line-clamp-2 min-w-0 flex-1 [overflow-wrap:anywhere] group-open:line-clamp-none">{need.detail}</span>
        <ChevronDown size={13} aria-hidden className="mt-0.5 shrink-0 text-faint group-open:rotate-180" />
      </summary>
      {rest}
    </details>
  );
}
