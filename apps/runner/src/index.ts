export { AGENT_KINDS } from './agents/catalogue.ts';
