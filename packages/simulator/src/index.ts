export { planOf, replicaPlan, type Plan } from './plan.ts';
export { simulate, type Ran } from './simulate.ts';
