/** What each rule of reconcile is for, in a sentence for people. */
const RULES: Readonly<Record<string, string>> = {
  leases: 'Who holds a bead and is not heard of loses it when the lease ends (I3).',
  patrols:
    'A silent agent is nudged, warned, told of and stopped; a run over its time ends; an agent that fails again and again is asked about (PT-3, PT-9, ST-12).',
  triage: 'A question of a patrol is settled when its bead is closed.',
  molecules: 'Steps of a bead that is closed are over.',
  mail: 'Unread mail goes to its agent when that is idle, or with its next start (MS-2).',
  effects: 'What was sent and has no outcome in time is sent again, or given up (RC-35, I8).',
  container: 'The container runs while there is work and stops when it is quiet.',
  retries: 'A bead whose waiting time is over is tried again.',
  deferrals: 'What was put off until now is back in line.',
  stop: 'What was stopped ends (MT-5).',
  limits: 'A limit of spend that is reached holds what may spend no more (I9).',
  breaker: 'After failures in a row one start is tried again when the pause is over.',
  nudges: 'Messages go to an agent one at a time when it is idle; those that waited too long expire (I13).',
  mayor: 'The Mayor has a session when somebody told it something.',
  beads_to_runs: 'A run whose bead was taken away ends.',
  turns: 'An agent whose turn ended has handed in, is reminded, or is let go.',
  runs: 'The end of a run moves its bead: back in line, to review, or to failed.',
  merges: 'What has landed closes its bead; what cannot be merged goes back or asks a person.',
  convoys: 'A convoy lands when the last of its beads is closed, and is open again when one of them is (I11).',
  escalations: 'A question about a bead that is closed is settled (ES-6).',
  lanes: 'The front of each line of merges is built and tested (I5).',
  dispatch: 'A ready bead gets an agent when a slot is free, by priority and age (RC-13).',
  take: 'What is due leaves the town.',
};
export const reasonOf = (rule: string): string => RULES[rule] ?? `The rule ${rule}.`;
