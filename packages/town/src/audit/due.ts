import type { Due } from '../wake.ts';

const SAYS: Readonly<Record<Due[0], (of: string) => string>> = {
  effect: (of) => `${of} goes out, or is asked after`,
  lease: (of) => `the lease of ${of} ends unless it is heard of`,
  retry: () => 'a bead is tried again',
  deferral: () => 'a bead that was put off is back in line',
  message: () => 'a message that waits expires',
  permission: () => 'a question for permission that nobody answered is denied',
  watch: () => 'a watchdog looks again',
  raise: () => 'An escalation that nobody acknowledged becomes more severe.',
  alert: () => 'An alert of the town ends by itself.',
  breaker: () => 'the pause after failed starts is over',
  model: () => 'the provider of the model is asked again',
  Mayor: () => 'the Mayor is tried again',
  wedged: (of) => `the runner ${of} owes an answer, or should have ended, and is given up unless it is heard of`,
  away: (of) => `what the runner ${of} held goes to others, unless it comes back`,
  container: () => 'the container is looked after',
  quiet: () => 'the container stops, if it stays quiet',
};
export const dueSentence = ([what, , of]: Due): string => SAYS[what](of);
