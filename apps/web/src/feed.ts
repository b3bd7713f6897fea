import type { EventRow } from '@gastown/protocol';

/** One ledger event as a sentence without its object: "Maple took", "moved to in review". The page adds the links (UI-12). */
const STATUS: Record<string, string> = { open: 'open', in_progress: 'in progress', in_review: 'in review', closed: 'closed', failed: 'failed' };
const say = (status: string | null) => (status ? (STATUS[status] ?? status.replace(/_/g, ' ')) : 'nothing');

const SENTENCES: Record<string, (event: EventRow) => string> = {
  created: () => 'created',
  assigned: () => 'was given',
  hooked: () => 'took up',
  unhooked: () => 'put down',
  status_changed: (event) => `moved to ${say(event.after)}`,
  closed: () => 'closed',
  landed: () => 'landed',
  escalated: () => 'asks for a person about',
  acknowledged: () => 'acknowledged',
  review_submitted: () => 'handed in',
  review_completed: (event) => (event.after === 'failed' || event.data['passed'] === false ? 'failed the gates' : 'passed review'),
  agent_spawned: () => 'joined the town',
  agent_exited: () => 'left',
  run_started: () => 'started on',
  run_ended: () => 'ended a run on',
  retried: () => 'put back in line',
  rig_added: () => 'connected a repository',
  town_paused: () => 'paused the town',
  town_resumed: () => 'resumed the town',
};

export function sentence(event: EventRow): string {
  const known = SENTENCES[event.type] ?? SENTENCES[event.type.replace(/^[a-z]+\./, '')];
  if (known) return known(event);
  const words = event.type.replace(/[._]/g, ' ');
  return event.after && event.after.length < 60 ? `${words}: ${say(event.after)}` : words;
}
