import { ok, type Result } from '@gastown/protocol';
import { withTown } from '../host/next-step.ts';
import { workerClient, type WorkerClient } from '../host/worker-client.ts';
import { auditPage, timelinePage } from '../terminal/audit-page.ts';
import type { Screen } from '../terminal/screen.ts';
import { reach } from './reach.ts';
import { beadNamed, runningWith } from './meant.ts';
import type { Running } from './which-state.ts';

export interface TownDoctorOptions {
  readonly town: string;
  /** A bead whose ledger is wanted instead. */
  readonly events?: string;
  readonly state?: string;
  readonly json?: boolean;
}

/** Looks at everything in one living town and explains what it finds; changes nothing. Resolves to the exit code: 1 when something is bad. */
export async function examineTown(options: TownDoctorOptions, screen: Screen): Promise<Result<null> | number> {
  const running = await runningWith(options.town, options.state, screen);
  if (!running.ok) return running;
  const client = clientOf(running.value);
  if (!client.ok) return client;
  const { town, events, json } = options;
  if (events !== undefined) {
    const bead = beadNamed(events, town);
    if (!bead.ok) return bead;
    const line = await client.value.timeline(town, bead.value);
    if (!line.ok) return line;
    if (json) screen.json(line.value);
    else screen.say(timelinePage(line.value));
    return 0;
  }
  const report = await screen.during('Looking at the town', client.value.examine(town));
  if (!report.ok) return report;
  if (json) screen.json(report.value);
  else screen.say(withTown(auditPage(report.value), town));
  return report.value.ok ? 0 : 1;
}

function clientOf(running: Running): Result<Pick<WorkerClient, 'examine' | 'timeline'>> {
  const reached = reach(running);
  return reached.ok ? ok(workerClient(reached.value.url, reached.value.hostKey)) : reached;
}
