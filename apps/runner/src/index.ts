export { apiFor } from './agents/agent-kind.ts';
export { AGENT_KINDS } from './agents/catalogue.ts';
export { installedAgents } from './agents/installed.ts';
export { agentsFolder } from './conformance/install.ts';
