/** What of a town waits for a person: one rule over its rows, for the page and for the doctor. */
export { WISHES } from './asked.ts';
export { INPUTS } from './broken.ts';
export { need, type Need, type Remedy, type Rows, type Way } from './need.ts';
export { NEED_TABLES, needsOf } from './needs.ts';
export { isWork, openOf, plannedBy, type Convoys } from './plan.ts';
export { planned } from './planned.ts';
export { figuresOf, reachOf, reachSays, type Reach } from './reach.ts';
export { waitsForPerson } from './refused.ts';
