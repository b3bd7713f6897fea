import path from 'node:path';

/** The rehearsal agent as a row of the catalogue of agents (`GASTOWN_AGENTS_FILE`). */
export const rehearsalAgentRow = (): object => ({
  id: 'rehearsal',
  label: 'Rehearsal agent',
  program: { command: process.execPath },
  args: [path.join(import.meta.dirname, 'main.ts')],
  variables: { REHEARSAL_DOOR: '{door}/llm/openai', REHEARSAL_KEY: '{token}', REHEARSAL_MODEL: '{model}' },
  toolPattern: 'gt_{tool}',
  apis: ['chat'],
  role: 'mode',
});
