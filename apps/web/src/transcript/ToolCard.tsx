import { ChevronRight } from 'lucide-react';
import { memo } from 'react';
import { duration } from '../format.ts';
import { AgentLink, BeadLink, EscalationLink, MergeLink, RigLink } from '../views/parts.tsx';
import { ObjectLink } from '../ui/ObjectLink.tsx';
import { ScrollBox } from '../ui/ScrollBox.tsx';
import { Glyph } from '../ui/Sign.tsx';
import { cx } from '../ui/cx.ts';
import { moreThan, shownAnswer, toolTitle, type MadeLink as Made } from './answer.ts';
import type { ToolItem } from './sub-agents.ts';

const SIGN = {
  running: { signal: 'working', word: 'Running' },
  completed: { signal: 'idle', word: 'Done', done: true },
  failed: { signal: 'failed', word: 'Failed' },
} as const;
const REFUSED = { signal: 'failed', word: 'Refused' } as const;
const CUT_OFF = { signal: 'stalled', word: 'Cut off' } as const;
export const signOfCall = ({ state }: Pick<ToolItem, 'state'>, cut: boolean) => (cut ? CUT_OFF : SIGN[state]);

/** One tool call: a line that opens, with links to what it made. Its item never changes between writes, so beside others of its sub-agent it renders once. */
export const ToolCard = memo(function ToolCard({ item, cut = false }: { item: ToolItem; cut?: boolean }) {
  const shown = shownAnswer(item);
  const title = item.title && item.title !== item.tool ? item.title : null;
  const more = moreThan(item.tool, shown);
  const input = typeof item.input === 'string' ? item.input : JSON.stringify(item.input, null, 2);
  return (
    <div className="overflow-hidden rounded-lg border border-line">
      <details className="group" data-tool={toolTitle(item.tool)}>
        <summary className="flex min-h-9 items-center gap-2.5 px-3 py-1.5 text-sm hover:bg-hover">
          <Glyph sign={shown.refused ? REFUSED : signOfCall(item, cut)} />
          <code className="shrink-0 text-xs">{toolTitle(item.tool)}</code>
          <span className={cx('min-w-0 flex-1 truncate', shown.refused ? 'text-failed' : 'text-muted')}>
            {shown.refused && 'Refused: '}
            {shown.summary ?? title}
          </span>
          {cut && <span className="shrink-0 text-xs text-stalled">not known how it ended</span>}
          {item.endedAt !== null && <span className="shrink-0 text-xs text-faint">{duration(item.endedAt - item.at)}</span>}
          <ChevronRight size={14} className="shrink-0 text-faint transition-transform duration-100 group-open:rotate-90" />
        </summary>
        <div className="flex flex-col gap-2 border-t border-line px-3 py-2.5">
          {input && input !== '{}' && <ToolBlock label="Input" text={input} />}
          {shown.text !== null && shown.text !== '' && <ToolBlock label="Output" text={shown.text} />}
        </div>
      </details>
      {shown.links.length > 0 && (
        <ul aria-label="Made by this call" className="flex flex-wrap gap-x-5 gap-y-1 border-t border-line px-3 py-2 text-sm">
          {shown.links.map((link) => (
            <li key={`${link.kind}:${link.id}`} className="min-w-0">
              <MadeLink link={link} />
            </li>
          ))}
          {more > 0 && <li className="text-muted">+{more.toLocaleString('en')} more in its output</li>}
        </ul>
      )}
    </div>
  );
});

export function ToolBlock({ label, text }: { label: string; text: string }) {
  return (
    <div>
      <p className="mb-1 text-xs text-faint">{label}</p>
      <ScrollBox className="!max-h-64" label={label}>
        {text}
      </ScrollBox>
    </div>
  );
}

function MadeLink({ link }: { link: Made }) {
  switch (link.kind) {
    case 'bead':
      return <BeadLink id={link.id} />;
    case 'escalation':
      return <EscalationLink id={link.id} />;
    case 'agent':
      return <AgentLink id={link.id} glyph />;
    case 'merge':
      return <MergeLink id={link.id} />;
    case 'rig':
      return <RigLink id={link.id} />;
    case 'run':
      return <ObjectLink at={{ kind: 'run', id: link.id }}>{link.id}</ObjectLink>;
  }
}
