import type { EventRow } from '@gastown/protocol';

/** One ledger event as a sentence around its object: `moved` … `to in review`. The page puts the link between (UI-12). */
export interface Sentence { readonly verb: string; readonly tail: string }
const STATUS: Record<string, string> = { open: 'open', in_progress: 'in progress', in_review: 'in review', closed: 'closed', failed: 'failed' };
const say = (status: string) => STATUS[status] ?? status.replace(/_/g, ' ');
const told = (verb: string, tail = ''): Sentence => ({ verb, tail });

const SENTENCES: Record<string, (event: EventRow) => Sentence> = {
  created: () => told('created'),
  assigned: () => told('was given'),
  hooked: () => told('took up'),
  unhooked: () => told('put down'),
  status_changed: (event) => (event.after === 'failed' ? told('gave up on') : told('moved', `to ${say(event.after ?? 'open')}`)),
  closed: () => told('closed'),
  landed: () => told('landed'),
  escalated: () => told('asks for a person about'),
  acknowledged: () => told('acknowledged'),
  review_submitted: () => told('handed in'),
  review_completed: (event) => (event.after === 'failed' || event.data['passed'] === false ? told('found a failing gate in') : told('passed the gates for')),
  agent_spawned: () => told('joined the town'),
  agent_exited: () => told('left'),
  run_started: () => told('started on'),
  run_ended: () => told('ended a run on'),
  retried: () => told('put', 'back in line'),
  rig_added: () => told('connected a repository'),
  town_paused: () => told('paused the town'),
  town_resumed: () => told('resumed the town'),
};

export function sentence(event: EventRow): Sentence {
  const known = SENTENCES[event.type] ?? SENTENCES[event.type.replace(/^[a-z]+\./, '')];
  if (known) return known(event);
  return told(event.type.replace(/[._]/g, ' '), event.after && event.after.length < 60 ? say(event.after) : '');
}
