import type { Invariant } from './checks/check.ts';

/** What is said of a finding: what is promised, what it means for the person who reads, and what to do. */
export interface Promised {
  readonly promise: string;
  readonly means: string;
  readonly next: string;
}
const said = (promise: string, means: string, next: string): Promised => ({ promise, means, next });

const REPORT = 'Keep this page and report it: it is a fault of the program.';

export const PROMISES: Readonly<Record<Invariant, Promised>> = {
  'DM-15': said(
    'Every row can be read.',
    'The town skips this row in all it does; everything else goes on.',
    `Restore the town from a backup if the row matters. ${REPORT}`,
  ),
  I1: said(
    'What was created is there for ever, archived or not.',
    'Work that somebody asked for is gone.',
    `Create the bead again: its title and text are in its first event. ${REPORT}`,
  ),
  I2: said(
    'One agent holds a bead, and one bead is held by an agent.',
    'Two agents may do the same work, or an agent works on what nobody waits for. Older runs are fenced: only one of them can hand in.',
    'Reset the agent that is named, or retry the bead.',
  ),
  I3: said(
    'A holder that falls silent is noticed within 90 seconds, and work that has begun is with somebody.',
    'The bead would wait for ever for an agent that may be gone, or for nobody.',
    'Reset the agent on its page under Agents, or retry the bead on its page. What a broken rule left undone is done when a runner connects again.',
  ),
  I4: said(
    'A merge request lands once, by the front of its line.',
    'Look at the target branch before more lands on it.',
    `Pause the town, compare the target branch with the commits of the merges, then resume. ${REPORT}`,
  ),
  I5: said(
    'What lands is the very tree that passed the gates.',
    'The target branch may hold a commit that was not tested, or that failed.',
    `Pause the town and run the gates on the target branch yourself. ${REPORT}`,
  ),
  I6: said(
    'Nothing changes silently: the ledger tells every change, and replays to the tables.',
    'Somebody or something changed the state past the ledger. What the town does from now on follows the table, not the ledger.',
    `Set the bead right by hand (its timeline: --events BEAD). ${REPORT}`,
  ),
  I7: said(
    'Beads move only as the table of moves allows.',
    'A bead may be in a state in which nothing happens to it.',
    'Set its status by hand, on the page of the bead.',
  ),
  I8: said(
    'Everything is tried a bounded number of times.',
    'Work is done again and again, and may cost money each time.',
    'Close the bead on its page or pause the town, and look at why it fails.',
  ),
  I9: said(
    'What a call costs is booked once on everything that it belongs to, and limits hold.',
    'The figures of spend do not add up: the higher one is the safe one.',
    `Check the spend with your provider. ${REPORT}`,
  ),
  I10: said(
    'A bead that does not move shows one cause, and the cause is true.',
    'A bead waits and the page tells a wrong reason, or it could go and nothing takes it.',
    'Retry the bead on its page.',
  ),
  I11: said(
    'A convoy has landed when each of its beads has, and its counts are what a recount gives.',
    'The page shows a progress that is not so, or a convoy that never ends.',
    `Add a bead to the convoy, or take one out: that counts again. ${REPORT}`,
  ),
  I12: said(
    'Dependencies have no circle, and nothing that is blocked, held or a record is begun.',
    'A bead may wait for ever, be begun before what it needs is there, or be taken for work and is none.',
    'Of a dependency: remove it on the page of the bead, and add it again. Of a record: give the bead another kind, and its kind back.',
  ),
  I13: said(
    'Each message reaches an agent once, in order, or expires visibly.',
    'An agent may have heard something twice, or in the wrong order.',
    'Tell the agent again what counts, on the page Mail.',
  ),
  I14: said('A deleted town stays deleted.', 'Something of it still lives.', 'Delete it again.'),
  I15: said(
    'An agent moves its own bead, and closes parts of it; no other.',
    'An agent changed work that is not its own, or somebody acted in its name.',
    `Look at the timeline of the bead (--events BEAD) and set it right by hand. ${REPORT}`,
  ),
  I19: said(
    'A question that an agent asks a person is shown while its turn waits for it, and is answered once.',
    'An agent waits for an answer that nobody can give, or a person is asked for nobody.',
    `Reset the agent on its page under Agents: the bead goes to another run. ${REPORT}`,
  ),
  I20: said(
    'Work is on a runner that takes its rig, stays there, and comes back from one that is gone.',
    'Work may wait for a machine that nobody waits for, or code is where it should not be.',
    `Reset the agent, or retry the bead or the merge, on its page. ${REPORT}`,
  ),
  'MT-7': said(
    'A limit of spend that is reached holds what it should hold, and nothing else.',
    'Work waits though it may go, or goes though it may not.',
    'Set the limit again in Settings › Spend.',
  ),
};

/** What is no invariant of the rows, and worth a word all the same. */
export const MATTERS = {
  'RC-9': said(
    'Input over which the town breaks is kept, and blocks nothing.',
    'The town has not heard what this says: a report, a call or an outcome is missing.',
    'Look at it in Settings › Health, then try it again or discard it.',
  ),
  parked: said(
    'What cannot be done after ten tries waits for a person, and says why.',
    'Something outside the town was not done.',
    'Correct what the reason names, then try it again in Settings › Health.',
  ),
  import: said(
    'A line of a file that cannot be taken stops no other, and is kept until it comes mended or is let go.',
    'A bead of another tool is not here, or not as it is there.',
    'Read them in Settings › Import and export, or with ./gastown beads bad-lines --town TOWN. Mend the file and import it again, or let go of them.',
  ),
  'RC-15': said(
    'Every rule does its work at every look.',
    'This rule is left out where it breaks: what it is for does not happen, all else does.',
    `Look at the log of the town for its reason. ${REPORT}`,
  ),
  'RC-6': said(
    'A look of the rules takes less than half a second.',
    'The town answers slowly.',
    'Archive what is closed on the Board, or spread the work over more towns.',
  ),
  alarm: said(
    'A town with something due has an alarm for it.',
    'What is due happens only when somebody does something in the town.',
    `Do anything in the town, a pause and a resume say: that sets the alarm again. ${REPORT}`,
  ),
  'RC-23': said(
    'A look of the rules can be taken at any time.',
    'Some rule breaks over the rows as they are, so the dry run was made without it.',
    REPORT,
  ),
} as const satisfies Record<string, Promised>;
