import { useNavigate, useSearch } from '@tanstack/react-router';
import { byActivity } from '../ordering.ts';
import { useSelect } from '../replica/hooks.ts';
import { Select } from '../ui/Field.tsx';
import { Page } from '../ui/Page.tsx';
import { MailList } from '../views/MailList.tsx';

/** What agents and people wrote to each other, of the town or of one agent (MS-4). */
export function Mail() {
  const { agent } = useSearch({ from: '/t/$town/mail' });
  const navigate = useNavigate({ from: '/t/$town/mail' });
  const agents = useSelect(['agents'], (replica) => [...replica.rows('agents').values()].toSorted(byActivity));
  return (
    <Page
      title="Mail"
      aside={
        agents.length > 1 && (
          <Select
            label="Mail of"
            hideLabel
            className="!w-40"
            value={agent ?? ''}
            onChange={(event) => void navigate({ search: (before) => ({ ...before, agent: event.target.value }), replace: true })}
          >
            <option value="">All agents</option>
            {agents.map(({ id, name }) => (
              <option key={id} value={id}>
                {name}
              </option>
            ))}
          </Select>
        )
      }
    >
      <MailList
        {...(agent && { agentId: agent })}
        empty="No messages. Agents write to each other here; write to one on its page, tab Mail. It stays until it is read."
      />
    </Page>
  );
}
