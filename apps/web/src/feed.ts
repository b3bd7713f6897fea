import { LIMITS, type BeadEvents, type EventRow, type TriageAction } from '@gastown/protocol';
import { duration, inShort, money, shortSha } from './format.ts';

/** One ledger event as a sentence around its object: `moved` … `to in review`. The page puts the link between, and `to` behind (UI-12). */
export interface Sentence {
  readonly verb: string;
  readonly tail: string;
  /** What it is about, where that is not the bead of the event; null: nothing. */
  readonly of?: string | null;
  /** The agent that ends the sentence. */
  readonly to?: string;
}
const STATUS: Record<string, string> = {
  open: 'open',
  in_progress: 'in progress',
  in_review: 'in review',
  closed: 'closed',
  failed: 'failed',
};
const say = (status: string) => STATUS[status] ?? status.replace(/_/g, ' ');
const told = (verb: string, tail = ''): Sentence => ({ verb, tail });

const nameIn = (event: EventRow, otherwise: string): string => (typeof event.data['name'] === 'string' ? event.data['name'] : otherwise);

const ANSWERED: Readonly<Record<string, string>> = {
  once: 'allowed once over',
  run: 'allowed for the run over',
  deny: 'denied over',
};
const wishIn = (event: EventRow): string => {
  const { title, reason } = event.data;
  return [typeof title === 'string' ? `: ${title}` : '', typeof reason === 'string' ? `(${reason})` : ''].filter(Boolean).join(' ');
};

/** A note is pinned, and what is planned waits for a start: neither is held up. */
const HELD: Readonly<Record<string, Sentence>> = {
  pinned: told('pinned'),
  staged: told('made', 'planned work'),
  deferred: told('put', 'off'),
};
function heldBack(event: EventRow): Sentence {
  const { set } = event.data;
  const hold = typeof set === 'object' && set !== null && 'hold' in set ? String(set['hold']) : '';
  return HELD[hold] ?? told('put', 'on hold');
}

/** What an import did, it did with a file. */
const withImport = (event: EventRow): string => (idIn(event, 'importId') === null ? '' : `with import ${idIn(event, 'importId')}`);
/** Only a bead that comes in begins with a time of its own: who brings it has not made it. */
function begun(event: EventRow): Sentence {
  const set = event.data['set'];
  if (idIn(event, 'importId') !== null) return told('brought', `here ${withImport(event)}`);
  return typeof set === 'object' && set !== null && 'createdAt' in set ? told('brought', 'here from another tool') : told('created');
}

const beadsOf = (count: unknown): string => (count === 1 ? 'a bead' : `${Number(count).toLocaleString('en')} beads`);
const broughtBy = (event: EventRow): Sentence => {
  const { created, updated, rigId } = event.data;
  const of = typeof rigId === 'string' ? rigId : null;
  const changed = Number(updated) > 0 ? ` and changed ${Number(updated).toLocaleString('en')}` : '';
  return Number(created) > 0
    ? { ...told(`brought ${beadsOf(created)}${changed} ${withImport(event)} into`), of }
    : { ...told(`changed ${beadsOf(updated)} ${withImport(event)} in`), of };
};

const isMerge = (event: EventRow): boolean => event.beadId?.startsWith('mr-') ?? false;
const isEscalation = (event: EventRow): boolean => event.beadId?.startsWith('es-') ?? false;
const landedAs = (event: EventRow): Sentence => {
  if (isEscalation(event)) return told('settled the question');
  const commit = event.data['commit'];
  return typeof commit === 'string' ? told('landed', `as ${shortSha(commit)}`) : told('closed', withImport(event));
};
const because = (event: EventRow): string => {
  const failure = event.data['failure'];
  return typeof failure === 'object' && failure !== null && 'message' in failure ? `: ${String(failure['message'])}` : '';
};

const linesIn = ({ data: { lines } }: EventRow): string =>
  typeof lines !== 'number' ? 'lines' : lines === 1 ? 'a line' : `${lines.toLocaleString('en')} lines`;

const idIn = (event: EventRow, field: string): string | null => {
  const id = event.data[field];
  return typeof id === 'string' ? id : null;
};
/** `the hard limit of the rig`; that of the bead is told with the bead. */
const limitIn = (event: EventRow, what: string): string => {
  const level = idIn(event, 'level');
  if (level === 'town' && event.actor === 'town') return `its ${what}`;
  return level === null ? `a ${what}` : level === 'bead' ? `the ${what}` : `the ${what} of ${level === 'run' ? 'a run' : `the ${level}`}`;
};
/** Of the run that reached it: its bead, or its agent where it is about none. */
const reached = (event: EventRow, verb: string, what: string): Sentence => {
  const of = event.beadId ?? event.agentId;
  const link = of === null ? '' : event.data['level'] === 'bead' ? ' of' : ' with';
  return { ...told(`${verb} ${limitIn(event, what)}${link}`), of };
};
/** Of which one, and to how much. */
function limitSet(event: EventRow): Sentence {
  const { level, id, softMicros, hardMicros } = event.data;
  const amounts = [
    typeof hardMicros === 'number' && `at most ${money(hardMicros)}`,
    typeof softMicros === 'number' && `a soft limit at ${money(softMicros)}`,
  ].filter(Boolean);
  const tail = `: ${amounts.length > 0 ? amounts.join(', ') : 'no limit'}`;
  if (level === 'town' || typeof id !== 'string') return { ...told('changed what the town may spend', tail), of: null };
  if (id === '*') return { ...told(`changed what each ${String(level)} may spend`, tail), of: null };
  return { ...told('changed the limits of', tail), of: id };
}
const DECIDED: Readonly<Record<TriageAction, string>> = {
  NUDGE: 'nudge it',
  RESTART: 'start it anew',
  REASSIGN_BEAD: 'give it to another',
  CLOSE_BEAD: 'give it up',
  ESCALATE_TO_MAYOR: 'the Mayor decides',
};
const decided = (event: EventRow): Sentence => {
  const action = DECIDED[event.data['action'] as TriageAction];
  return { ...told('decided over', action ? `: ${action}` : ''), of: event.beadId ?? event.agentId };
};

function moved(event: EventRow): Sentence {
  if (isMerge(event) && event.after === 'in_progress') return told('began to test');
  if (isMerge(event) && event.after === 'failed') return told('did not land', because(event));
  if (event.after === 'failed') return told('gave up on', because(event));
  if (event.after === 'in_progress' && event.agentId !== null && 'runId' in event.data) return { ...told('gave', 'to'), to: event.agentId };
  if (event.after === 'open' && 'failure' in event.data) return told('put', `back in line${inShort(because(event))}`);
  return told('moved', [`to ${say(event.after ?? 'open')}`, withImport(event)].filter(Boolean).join(' '));
}

/** What a runner or the container was to do, and of what. */
const STEPS: Readonly<Record<string, (event: EventRow) => string>> = {
  'rig.connect': (event) => `look at ${nameIn(event, 'a repository')}`,
  'branch.delete': (event) => `delete the branch ${idIn(event, 'branch') ?? 'of a bead'}`,
  'run.start': () => 'start an agent',
  'run.prompt': () => 'give an agent its message',
  'run.interrupt': () => 'interrupt an agent',
  'run.stop': () => 'stop an agent',
  'permission.answer': () => 'give an agent the answer to its question',
  'merge.test': () => 'test a merge',
  'merge.land': () => 'land a merge',
  'container.start': () => 'start the container',
  'container.stop': () => 'stop the container',
};
const undone = (event: EventRow, verb: string): Sentence => {
  const of = event.beadId ?? event.agentId;
  const step = STEPS[idIn(event, 'kind') ?? '']?.(event) ?? 'do a step';
  return { ...told(`${verb} ${step}${of === null ? '' : ' of'}`, because(event)), of };
};

/** What the runner was before, and who brought it back. */
const DOWN: Readonly<Record<string, string>> = {
  away: 'it was away',
  wedged: 'it did not answer',
  died: 'it had died',
  failed: 'its container did not start',
};
const CURED: Readonly<Record<string, string>> = {
  town: 'the town restarted it',
  host: 'its host restarted it',
  itself: 'it came back by itself',
};
function recovered({ data: { downMs, after, by } }: EventRow): Sentence {
  const why = [DOWN[String(after)], CURED[String(by)]].filter(Boolean).join(', ');
  const time = typeof downMs === 'number' ? ` after ${duration(downMs)}` : '';
  return told(`is back${time}${why && `: ${why}`}`);
}

const SENTENCES: Record<string, (event: EventRow) => Sentence> = {
  created: begun,
  assigned: () => told('was given'),
  hooked: () => told('took up'),
  unhooked: () => told('put down'),
  status_changed: moved,
  closed: landedAs,
  landed: () => told('landed'),
  escalated: (event) => (isEscalation(event) ? told('asks a person:') : told('asks for a person about')),
  re_escalated: (event) => (isEscalation(event) ? told('asks a person again:') : told('asks for a person again about')),
  triage_requested: (event) => ({ ...told('asks what to do about'), of: idIn(event, 'source') ?? event.agentId }),
  triage_resolved: decided,
  triage_not_asked: (event) => ({ ...told('has asked enough and does not ask about'), of: event.beadId ?? event.agentId }),
  agent_silent: (event) => ({ ...told('hears nothing of'), of: event.agentId ?? event.beadId }),
  runner_died: () => told('lost its runner'),
  started: () => told('let', 'begin'),
  held: heldBack,
  deferred: () => told('put', 'off'),
  undeferred: () => told('put', 'off no longer'),
  unarchived: () => told('brought', 'back from the archive'),
  unassigned: () => told('took', 'from its agent'),
  molecule_attached: (event) => ({ ...told('planned the steps of'), of: idIn(event, 'source') }),
  step_done: () => told('did a step of'),
  mail_sent: (event) => ({ ...told('wrote to', idIn(event, 'subject') ? `: ${idIn(event, 'subject')}` : ''), of: event.agentId }),
  mail_returned: (event) => ({ ...told('gave the Mayor the mail of'), of: event.agentId }),
  acknowledged: () => told('acknowledged'),
  review_submitted: () => told('handed in'),
  review_completed: (event) =>
    event.after === 'failed' || event.data['passed'] === false ? told('found a failing gate in') : told('passed the gates for'),
  agent_spawned: () => told('joined the town'),
  agent_exited: () => told('left'),
  run_started: () => told('started on'),
  run_ended: () => told('ended a run on'),
  permission_asked: (event) => told('asks permission over', wishIn(event)),
  permission_answered: (event) => told(ANSWERED[String(event.data['decision'])] ?? 'answered a question over', wishIn(event)),
  permission_withdrawn: (event) => told('does not ask any more over', wishIn(event)),
  retried: () => told('put', 'back in line'),
  rig_added: (event) => told('added', nameIn(event, 'a repository')),
  edited: (event) => told('edited', withImport(event)),
  dependency_added: () => told('added a dependency to'),
  dependency_removed: () => told('removed a dependency from'),
  rig_ready: (event) => told('connected', nameIn(event, 'the repository')),
  rig_removed: (event) => told('removed', nameIn(event, 'a repository')),
  rig_unreachable: (event) => told('cannot reach', nameIn(event, 'a repository')),
  rig_paused: (event) => told('paused', nameIn(event, 'a repository')),
  rig_resumed: (event) => told('resumed', nameIn(event, 'a repository')),
  agent_paused: (event) => told('paused', nameIn(event, 'an agent')),
  agent_resumed: (event) => told('resumed', nameIn(event, 'an agent')),
  agent_interrupted: (event) => ({ ...told('interrupted'), of: event.agentId }),
  convoy_created: () => told('made the convoy'),
  convoy_started: () => told('started the convoy'),
  convoy_landed: () => told('landed the convoy'),
  convoy_reopened: () => told('opened the convoy', 'again'),
  convoy_closed: () => told('closed the convoy', 'by force'),
  convoy_paused: () => told('paused the convoy'),
  convoy_resumed: () => told('resumed the convoy'),
  convoy_bead_added: () => told('added', 'to a convoy'),
  convoy_bead_removed: () => told('took', 'out of its convoy'),
  effect_failed: (event) => undone(event, 'could not'),
  quarantined: () => told('put aside an input over which it broke'),
  quarantine_retried: () => told('applied an input from quarantine'),
  quarantine_discarded: () => told('discarded an input from quarantine'),
  quarantine_dropped: () => told('dropped the oldest input from quarantine'),
  imported: broughtBy,
  lines_quarantined: (event) => told('kept', `${linesIn(event)} that could not be taken`),
  lines_mended: (event) => told('mended', `${linesIn(event)} that could not be taken`),
  lines_discarded: (event) => told('let go of', `${linesIn(event)} that could not be taken`),
  effect_discarded: () => told('discarded a step that could not be done'),
  effect_parked: (event) => undone(event, 'gave up trying to'),
  nudge_expired: (event) => ({ ...told(`could not deliver a message${event.agentId ? ' to' : ''}`), of: event.agentId }),
  budget_spent: (event) => reached(event, 'reached', 'hard limit'),
  soft_limit: (event) => reached(event, 'reached', 'soft limit'),
  spend_limit_set: limitSet,
  paused: (event) => told('holds', `: ${limitIn(event, 'hard limit')}${event.data['level'] === 'bead' ? ' of it' : ''} is reached`),
  town_stopped: () => told('stopped the town'),
  container_stops: () => told('stopped its container: nothing to do'),
  container_stop_failed: () => told('could not stop its container'),
  runner_added: (event) => told('added the runner', nameIn(event, 'of a machine')),
  runner_removed: (event) => told('removed the runner', nameIn(event, 'of a machine')),
  runner_paused: (event) => told('paused the runner', nameIn(event, 'of a machine')),
  runner_resumed: (event) => told('resumed the runner', nameIn(event, 'of a machine')),
  runner_rigs: (event) => told('chose other repositories for the runner', nameIn(event, 'of a machine')),
  runner_token_renewed: (event) => told('made a new token for the runner', nameIn(event, 'of a machine')),
  runner_drains: () => told('is ending: what it works on may come to an end, nothing new starts on it'),
  runner_wedged: () => told('has a runner that does not answer'),
  runner_recovered: recovered,
  container_failed: () => told('could not start its container'),
  town_created: () => told('created the town'),
  town_paused: () => told('paused the town'),
  town_resumed: () => told('resumed the town'),
};

export function sentence(event: EventRow): Sentence {
  const known = SENTENCES[event.type] ?? SENTENCES[event.type.replace(/^[a-z]+\./, '')];
  if (known) return known(event);
  return told(event.type.replace(/[._]/g, ' '), event.after && event.after.length < 60 ? say(event.after) : '');
}

/** As its own timeline says it, where the convoy or the question is `it`. */
export const ofItself = (said: Sentence): Sentence => ({ ...said, verb: said.verb.replace(/ the (convoy|question)$/, '') });

const OVER: readonly (string | null)[] = ['closed', 'failed'];
/** What its own timeline tells of a bead of a convoy, as the town does: that it ended, failed, or went on after that. */
export const movesConvoy = ({ before, after, at }: EventRow, convoy: { readonly createdAt: number }): boolean =>
  at >= convoy.createdAt && (OVER.includes(after) || OVER.includes(before));

/**
 * The life of one bead, newest first: what the replica holds of it, and the pages that the town gave. Held events that are older than a page's end, while the town
 * has more, wait for their page: between them there may be others.
 */
export function lifeOf(held: readonly EventRow[], pages: readonly BeadEvents[]): EventRow[] {
  const last = pages.at(-1);
  const from = last?.earlier ? (last.events.at(-1)?.id ?? 0) : 0;
  const all = [...held.filter(({ id }) => id >= from), ...pages.flatMap(({ events }) => events)];
  return [...new Map(all.map((event) => [event.id, event])).values()].toSorted((a, b) => b.id - a.id);
}

/** One line of the feed: its newest event, and how many like it stand behind it; null when the page does not know how many. */
export interface Bundle {
  readonly id: number;
  readonly more: number | null;
}
const BUNDLED_FROM = 4;
const AT_ONCE_MS = 1_000;
const alike = (a: EventRow, b: EventRow): boolean => {
  if (a.actor !== b.actor || a.type !== b.type || Math.abs(a.at - b.at) > AT_ONCE_MS) return false;
  const [one, other] = [sentence(a), sentence(b)];
  return one.verb === other.verb && one.tail === other.tail && one.to === other.to;
};

/** An import tells of itself in one line, with its true number: that one stands for what it did to each bead, unless those are few. */
function withImportsOnce(all: readonly EventRow[]): EventRow[] {
  const isOfImport = ({ data, beadId, type }: EventRow) => data['cause'] === 'beads.import' && (beadId !== null || type === 'imported');
  const large = new Map(
    all
      .filter(({ type }) => type === 'imported')
      .map(({ at, data }) => [at, Number(data['created']) + Number(data['updated']) >= BUNDLED_FROM]),
  );
  return all.filter((event) => !isOfImport(event) || (large.get(event.at) ?? false) === (event.type === 'imported'));
}

/** An import or an archiving of hundreds is a line, not the whole feed. Newest first. */
export function bundles(all: readonly EventRow[]): Bundle[] {
  const events = withImportsOnce(all);
  const lines: Bundle[] = [];
  for (let start = 0, end = 0; start < events.length; start = end) {
    for (end = start + 1; end < events.length && alike(events[end - 1]!, events[end]!);) end += 1;
    const run = events.slice(start, end);
    const unknown = run.length >= LIMITS.feedEventsAtOnce.value || (end === events.length && all.length >= LIMITS.feedEvents.value);
    if (run.length < BUNDLED_FROM) lines.push(...run.map(({ id }) => ({ id, more: 0 })));
    else lines.push({ id: run[0]!.id, more: unknown ? null : run.length - 1 });
  }
  return lines;
}
