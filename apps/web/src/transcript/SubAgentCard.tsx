import { ChevronRight } from 'lucide-react';
import { useState } from 'react';
import { duration } from '../format.ts';
import { Glyph } from '../ui/Sign.tsx';
import { Markdown } from './LazyMarkdown.tsx';
import { answerIn, toldTo, type ToolItem } from './sub-agents.ts';
import { signOfCall, ToolBlock, ToolCard } from './ToolCard.tsx';

interface SubAgentProps {
  item: ToolItem;
  calls: readonly ToolItem[];
  /** Nobody knows how it ended. */
  cut?: boolean;
}

/** Calls that a card shows at first, and so many more each time: one may make thousands, and each is drawn with what it read. */
const CALLS_SHOWN = 100;

/** A sub-agent: what it was told, what it does, and its answer. Open while it works. */
export function SubAgentCard({ item, calls, cut = false }: SubAgentProps) {
  const isRunning = item.state === 'running' && !cut;
  const told = toldTo(item);
  const [most, setMost] = useState(CALLS_SHOWN);
  const earlier = Math.max(0, calls.length - most);
  return (
    <details className="group/sub overflow-hidden rounded-lg border border-line" open={isRunning || undefined} data-tool={item.tool}>
      <summary className="flex min-h-9 items-center gap-2.5 px-3 py-1.5 text-sm hover:bg-hover">
        <Glyph sign={signOfCall(item, cut)} />
        <span className="shrink-0 font-medium">Sub-agent</span>
        <span className="min-w-0 flex-1 truncate text-muted">{item.title !== item.tool && item.title}</span>
        {cut && <span className="shrink-0 text-xs text-stalled">not known how it ended</span>}
        <span className="shrink-0 text-xs text-faint">
          {calls.length > 0 && (calls.length === 1 ? '1 call' : `${calls.length.toLocaleString('en')} calls`)}
          {item.endedAt !== null && `${calls.length > 0 ? ' · ' : ''}${duration(item.endedAt - item.at)}`}
        </span>
        <ChevronRight size={14} className="shrink-0 text-faint transition-transform duration-100 group-open/sub:rotate-90" />
      </summary>
      <div className="flex flex-col gap-2.5 border-t border-line px-3 py-2.5">
        {told && <ToolBlock label={told.kind ? `Told to ${told.kind}` : 'Told'} text={told.prompt} />}
        {earlier > 0 && (
          <button type="button" onClick={() => setMost(most + CALLS_SHOWN)} className="self-start text-xs text-faint hover:text-fg">
            {earlier.toLocaleString('en')} earlier {earlier === 1 ? 'call' : 'calls'}
          </button>
        )}
        {calls.length > 0 && (
          <ol aria-label="Its calls" className="flex flex-col gap-1.5 border-l border-line-strong pl-3">
            {calls.slice(earlier).map((call) => (
              <li key={call.id}>
                <ToolCard item={call} cut={call.state === 'running' && !isRunning} />
              </li>
            ))}
          </ol>
        )}
        {item.output &&
          (item.state === 'failed' ? <ToolBlock label="Why it failed" text={item.output} /> : <Markdown text={answerIn(item.output)} />)}
        {!told && !item.output && calls.length === 0 && <p className="text-sm text-muted">Nothing is told of it yet.</p>}
      </div>
    </details>
  );
}
