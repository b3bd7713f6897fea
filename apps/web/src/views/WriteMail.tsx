import { LIMITS, type AgentRow } from '@gastown/protocol';
import { useState } from 'react';
import { useCommand } from '../commands/use-command.ts';
import { Button } from '../ui/Button.tsx';
import { Input, RefusalNote, TextArea } from '../ui/Field.tsx';

/** A message to one agent: it stays until the agent has read it, at its next idle moment or its next start. */
export function WriteMail({ agent }: { agent: AgentRow }) {
  const { run, pending, refusal } = useCommand({ quiet: true });
  const [subject, setSubject] = useState('');
  const [body, setBody] = useState('');
  const send = async () => {
    const answer = await run({ kind: 'mail.send', agentId: agent.id, subject: subject.trim(), body }, `Sent to ${agent.name}`);
    if (!answer.ok) return;
    setSubject('');
    setBody('');
  };
  return (
    <details>
      <summary className="inline-flex h-8 items-center rounded-md text-sm text-muted hover:text-fg">Write to {agent.name}</summary>
      <form
        className="flex flex-col gap-3 pb-4"
        onSubmit={(event) => {
          event.preventDefault();
          void send();
        }}
      >
        <Input
          label="Subject"
          value={subject}
          onChange={(event) => setSubject(event.target.value)}
          maxLength={LIMITS.mailSubjectCharacters.value}
          required
        />
        <TextArea
          label="Message"
          rows={4}
          value={body}
          onChange={(event) => setBody(event.target.value)}
          maxLength={LIMITS.mailBodyCharacters.value}
          required
        />
        <RefusalNote refusal={refusal} />
        <Button kind="primary" type="submit" pending={pending} className="self-start">
          Send
        </Button>
      </form>
    </details>
  );
}
