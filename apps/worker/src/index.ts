import { serve } from './edge/app.ts';

export { AgentDO } from './agent/object.ts';
export { TownContainerDO } from './container/object.ts';
export { TownDO } from './town/object.ts';
export default { fetch: serve };
