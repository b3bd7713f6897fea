/** Whether a wait is over: its time has come, or lies further away than `longest`, and was set by a clock that was ahead. All in ms. */
export const isOver = (until: number, now: number, longest: number): boolean => until <= now || until > now + longest;
