export { AGENT_KINDS } from './agents/catalogue.ts';
export { installedAgents } from './agents/installed.ts';
