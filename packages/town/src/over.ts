/** Clocks that agree are set by less. */
const SLACK_MS = 1_000;

/** Between these a wait goes on: later than `after`, and not later than `upTo`. For a query; who has one wait at hand asks `isOver`. All in ms. */
export const goesOn = (now: number, longest: number): { readonly after: number; readonly upTo: number } => ({
  after: now,
  upTo: now + longest + SLACK_MS,
});
/** Whether a wait is over: its time has come, or lies further away than `longest`, and was set by a clock that was ahead. All in ms. */
export function isOver(until: number, now: number, longest: number): boolean {
  const { after, upTo } = goesOn(now, longest);
  return until <= after || until > upTo;
}

/** Whether it is said to have happened in times to come: the clock was ahead. */
export const isToCome = (at: number, now: number): boolean => at > now + SLACK_MS;

/**
 * A time limit that counts from now on: it lies further away than it is ever set, or has been over for as long before anybody looked. The clock was set meanwhile, or the whole town was away; who has to keep it could not.
 * Any other stays as it is.
 */
export const renewed = (until: number, now: number, longest: number): number =>
  until > now + longest + SLACK_MS || until <= now - longest ? now + longest : until;
