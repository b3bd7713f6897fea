import type { MailRow } from '@gastown/protocol';
import { ArrowRight, ChevronRight, Mail, MailOpen } from 'lucide-react';
import { useState } from 'react';
import { useCommand } from '../commands/use-command.ts';
import { when } from '../format.ts';
import { mailOf } from '../mail.ts';
import { useRow, useSelect } from '../replica/hooks.ts';
import { At } from '../ui/Bits.tsx';
import { ConfirmButton } from '../ui/Confirm.tsx';
import { AgentLink } from './parts.tsx';

const SHOWN = 100;

/** Messages that stay until they are read, of the town or of one agent (MS-4). */
export function MailList({ agentId, empty }: { agentId?: string; empty: string }) {
  const [all, setAll] = useState(false);
  const mail = useSelect(['mail'], (replica) => mailOf(replica.rows('mail').values(), agentId), [agentId]);
  if (mail.length === 0) return <p className="py-4 text-sm text-muted">{empty}</p>;
  const shown = all ? mail : mail.slice(0, SHOWN);
  return (
    <>
      <ul className="divide-y divide-line border-y border-line">
        {shown.map((row) => (
          <MailLine key={row.id} mail={row} />
        ))}
      </ul>
      {shown.length < mail.length && (
        <button type="button" onClick={() => setAll(true)} className="mt-2 h-8 text-xs text-muted hover:text-fg">
          Show all {mail.length}
        </button>
      )}
    </>
  );
}

function MailLine({ mail }: { mail: MailRow }) {
  const { run, pending } = useCommand();
  const unread = mail.deliveredAt === null;
  const Icon = unread ? Mail : MailOpen;
  return (
    <li>
      <details className="group">
        <summary className="flex min-h-11 items-center gap-2.5 rounded-md px-1 py-1.5 text-sm hover:bg-hover">
          <Icon size={15} className={unread ? 'shrink-0 text-fg' : 'shrink-0 text-faint'} aria-label={unread ? 'Not read yet' : 'Read'} />
          <span className="flex min-w-0 flex-1 flex-col">
            <span className={unread ? 'truncate font-medium' : 'truncate text-muted'}>{mail.subject}</span>
            <span className="flex items-center gap-1 text-xs text-faint">
              {mail.from} <ArrowRight size={11} aria-label="to" /> <Name id={mail.agentId} />
            </span>
          </span>
          <At at={mail.createdAt} className="text-xs" />
          <ChevronRight size={14} className="shrink-0 text-faint transition-transform duration-100 group-open:rotate-90" aria-hidden />
        </summary>
        <div className="flex flex-col gap-2 py-2 pr-1 pl-8 text-sm">
          <p className="[overflow-wrap:anywhere] whitespace-pre-wrap">{mail.body}</p>
          <p className="flex flex-wrap items-center gap-x-3 gap-y-1 text-xs text-muted">
            <AgentLink id={mail.agentId} glyph />
            {unread ? 'has not read it yet' : `read it at ${when(mail.deliveredAt ?? 0)}`}
            <span className="flex-1" />
            {unread && (
              <ConfirmButton
                small
                kind="quiet"
                disabled={pending}
                sure="The agent will not get it. Sure?"
                onConfirm={() => void run({ kind: 'mail.read', mailId: mail.id }, 'Read in its stead')}
              >
                Read in its stead
              </ConfirmButton>
            )}
          </p>
        </div>
      </details>
    </li>
  );
}

const Name = ({ id }: { id: string }) => useRow('agents', id)?.name ?? id;
