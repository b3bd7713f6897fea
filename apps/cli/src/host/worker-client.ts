/** What the launcher asks of the Worker: the host routes (design/contracts.md). */
import { apiOk, ApiRefusal, AuditReport, BeadTimeline, BootAnswer, failure, ok, refuse, RigRow, TownInfo } from '@gastown/protocol';
import type { BeadId, Result } from '@gastown/protocol';
import { z } from 'zod';
import { refusedFor } from './next-step.ts';
import type { Exit } from './town-process.ts';

type BootAnswer = z.infer<typeof BootAnswer>;

export interface WorkerClient {
  signInLink(): Promise<Result<string>>;
  /** After a start: every container of the earlier boot is gone, the environment may be another. Tells what the keys do not open, and how many towns did not answer. */
  boot(): Promise<Result<BootAnswer>>;
  /** Every town looks at what is due. */
  wake(): Promise<Result<unknown>>;
  towns(): Promise<Result<TownInfo[]>>;
  /** The rigs of one town, by its id or name. */
  rigs(town: string): Promise<Result<RigRow[]>>;
  /** Everything in one town, by id or name; nothing is changed. */
  examine(town: string): Promise<Result<AuditReport>>;
  /** Everything that happened to one bead. */
  timeline(town: string, bead: BeadId): Promise<Result<BeadTimeline>>;
  /** True when the Worker took note, or knows the town no more. */
  reportExit(town: string, exit: Exit, signal: AbortSignal): Promise<boolean>;
}

/** A start with many towns tells each of them; a person waits for no answer longer than this. */
const ANSWER_MS = 30_000;
/** A list of names is there at once, or somebody hangs; others that were asked beside it wait no longer. */
const NAMES_MS = 5_000;

export function workerClient(url: string, hostKey: string): WorkerClient {
  const post = async (path: string, body: object, signal?: AbortSignal): Promise<Response> =>
    fetch(new URL(path, url), {
      method: 'POST',
      headers: { 'x-host-key': hostKey, 'content-type': 'application/json' },
      body: JSON.stringify(body),
      signal: AbortSignal.any([AbortSignal.timeout(ANSWER_MS), ...(signal ? [signal] : [])]),
    });
  const getWithin =
    (ms: number) =>
    (path: string): Promise<Response> =>
      fetch(new URL(path, url), { headers: { 'x-host-key': hostKey }, signal: AbortSignal.timeout(ms) });
  const get = getWithin(ANSWER_MS);
  const ask = async <V extends z.ZodType>(path: string, value: V, send = (to: string) => post(to, {})): Promise<Result<z.infer<V>>> => {
    const answer = z.union([apiOk(value), ApiRefusal]).safeParse(await jsonFrom(() => send(path)));
    if (!answer.success)
      return refuse(
        failure(
          'internal',
          `The Worker gave no proper answer to ${path}. Its logs are in logs/ of the folder that ./gastown status names.`,
        ),
      );
    return answer.data.ok ? ok((answer.data as { value: z.infer<V> }).value) : refuse((answer.data as ApiRefusal).failure);
  };
  /** About one town, by its id or name. */
  const askOf = async <V extends z.ZodType>(town: string, path: string, value: V): Promise<Result<z.infer<V>>> => {
    const answer = await ask(`/host/towns/${encodeURIComponent(town)}/${path}`, value, get);
    return answer.ok ? answer : refusedFor(town, answer.failure);
  };
  return {
    signInLink: async () => {
      const made = await ask('/host/sign-in-link', z.object({ url: z.url() }));
      return made.ok ? ok(made.value.url) : made;
    },
    boot: () => ask('/host/boot', BootAnswer),
    wake: () => ask('/host/wake', z.object({ towns: z.number().int() })),
    towns: () => ask('/host/towns', z.array(TownInfo), getWithin(NAMES_MS)),
    rigs: (town) => askOf(town, 'rigs', z.array(RigRow)),
    examine: (town) => askOf(town, 'audit', AuditReport),
    timeline: (town, bead) => askOf(town, `beads/${encodeURIComponent(bead)}/events`, BeadTimeline),
    reportExit: (town, exit, signal) =>
      post(`/host/containers/${town}/exited`, exit, signal).then(
        async (response) => {
          await response.body?.cancel();
          return response.ok || response.status === 404 || response.status === 410;
        },
        () => false, // not reachable at the moment: sent again
      ),
  };
}

/** Undefined, which no schema takes, when nobody answers or the answer is no JSON. */
const jsonFrom = (request: () => Promise<Response>): Promise<unknown> =>
  request()
    .then((response) => response.json())
    .catch(() => undefined);
