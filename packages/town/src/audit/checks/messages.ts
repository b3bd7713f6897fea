import { text } from '../../sql.ts';
import { finding, type Check, type Finding } from './check.ts';

const OPEN = `SELECT id, agent_id, mode, state, again FROM nudges WHERE state IN ('pending', 'sent') ORDER BY rowid`;

/** I13: one message at a time is on its way to an agent, the oldest first unless it is immediate; what was delivered or expired never comes again. */
export const nudgesCheck: Check = {
  tables: ['nudges'],
  open() {
    const over = new Set<string>();
    const sent = new Set<string>();
    let open = new Set<string>();
    return (sql) => {
      const nudges = sql.all(OPEN);
      const found: Finding[] = [];
      const now = new Set(nudges.map((nudge) => text(nudge, 'id')));
      for (const id of open) if (!now.has(id)) over.add(id);
      open = now;
      const waiting = new Set<string>();
      const under = new Set<string>();
      for (const nudge of nudges) {
        const [id, agent, state] = [text(nudge, 'id'), text(nudge, 'agent_id'), text(nudge, 'state')];
        if (over.has(id)) found.push(finding('I13', `${id} was over and is ${state} again`));
        if (state === 'pending' && sent.has(id) && nudge.again !== 1)
          found.push(finding('I13', `${id} goes out a second time and does not say so`));
        if (state === 'pending') waiting.add(agent);
        else {
          sent.add(id);
          if (under.has(agent)) found.push(finding('I13', `two messages are on their way to ${agent}`));
          under.add(agent);
          if (waiting.has(agent) && nudge.mode !== 'immediate') found.push(finding('I13', `${id} overtook an older message to ${agent}`));
        }
      }
      return found;
    };
  },
};
