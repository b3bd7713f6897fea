import { refuse, ToRunner } from '@gastown/protocol';
import type {
  DoneEvidence,
  EffectId,
  Failure,
  FailureCode,
  FromRunner,
  Generation,
  Report,
  Result,
  RigId,
  RunId,
  RunnerEffect,
  ToolAnswer,
  ToolName,
} from '@gastown/protocol';
import type { Log } from '../system/log.ts';
import { redactedJson } from '../system/redact.ts';
import { fitting, unreadable } from './fitting.ts';
import { openSocket, socketUrl } from './socket.ts';
import type { Socket } from './socket.ts';

/**
 * The link to the town. Owns what was said and is not yet acknowledged: reports (by `seq`), calls (by `callId`) and questions (by `askId`); all of it is
 * said again after each reconnect, so a lost socket loses nothing while this process lives.
 *
 * Invariants: (L1) reports leave in the order of their `seq`; (L2) nothing is forgotten before the town answered it; (L3) before the `welcome` of a
 * connection nothing but `hello` is sent.
 */
export interface Link {
  /** Resolves when the town has committed it. */
  report(report: Report): Promise<void>;
  call(wish: CallWish): Promise<Result<ToolAnswer>>;
  /** Resolves when the town has committed every report so far. */
  settled(): Promise<void>;
  askToken(rigId: RigId): Promise<string | null>;
  askDoor(pool: string): Promise<string>;
  close(): void;
}

interface CallWish {
  readonly runId: RunId;
  readonly generation: Generation;
  readonly tool: ToolName;
  readonly args: Extract<FromRunner, { t: 'call' }>['args'];
  readonly evidence: DoneEvidence | null;
}

export interface LinkSurroundings {
  readonly url: string;
  readonly token: string;
  readonly instance: string;
  readonly agentKinds: readonly string[];
  readonly isolation: 'users' | 'none';
  readonly runs: () => { runId: RunId; generation: Generation; turnInFlight: boolean }[];
  readonly onEffect: (effectId: EffectId, effect: RunnerEffect) => void;
  readonly onBye: (failure: Failure) => void;
  /** At each welcome that says so, and when one was removed: the rigs that the town has. */
  readonly onRigs: (rigs: readonly RigId[]) => void;
  readonly log: Log;
  /** What agents, gates and git servers say may hold a secret of this process. */
  readonly redact: (text: string) => string;
  readonly random?: () => number;
  readonly pingMs?: number;
}

interface Waiting<T> {
  readonly frame: FromRunner;
  readonly settle: (value: T) => void;
}

export function openLink(around: LinkSurroundings): Link {
  const reports = new Map<number, Waiting<void>>();
  const calls = new Map<string, Waiting<Result<ToolAnswer>>>();
  const credentials = new Map<string, Waiting<string | null>>();
  const doors = new Map<string, Waiting<string>>();
  let lastSeq = 0;
  let acknowledged = 0;
  let lastId = 0;
  let welcomed = false;

  const put = (frame: FromRunner): void => {
    if (welcomed) socket.send(redactedJson(around.redact, frame));
  };
  const wait = <K, T>(table: Map<K, Waiting<T>>, key: K, frame: FromRunner): Promise<T> =>
    new Promise((settle) => {
      table.set(key, { frame, settle });
      put(frame);
    });
  let settling: (() => void)[] = [];
  const settle = <K, T>(table: Map<K, Waiting<T>>, key: K, value: T): void => {
    const waiting = table.get(key);
    table.delete(key);
    waiting?.settle(value);
  };
  const acknowledge = (seq: number): void => {
    acknowledged = seq;
    for (const known of [...reports.keys()].filter((candidate) => candidate <= seq)) settle(reports, known, undefined);
    if (reports.size > 0) return;
    for (const resolve of settling) resolve();
    settling = [];
  };
  /** The town knows less than it did: its state was put back to an earlier one. What it forgot is not said again; it would refuse a gap for ever. */
  const numberAfter = (seq: number): void => {
    around.log('link.town_went_back', { acknowledged, known: seq });
    const waiting = [...reports.values()];
    reports.clear();
    lastSeq = seq;
    for (const each of waiting) if (each.frame.t === 'report') reports.set(++lastSeq, { ...each, frame: { ...each.frame, seq: lastSeq } });
  };
  const onWelcome = ({ seq, rigs }: Extract<ToRunner, { t: 'welcome' }>): void => {
    around.log('link.welcome', {});
    if (seq < acknowledged) numberAfter(seq);
    acknowledge(seq);
    welcomed = true;
    for (const table of [reports, calls, credentials, doors]) for (const { frame } of table.values()) put(frame);
    if (rigs !== undefined) around.onRigs(rigs);
  };
  const receive = (frame: ToRunner): void => {
    switch (frame.t) {
      case 'welcome':
        return onWelcome(frame);
      case 'rigs':
        return around.onRigs(frame.rigs);
      case 'ack':
        return acknowledge(frame.seq);
      case 'effect':
        return around.onEffect(frame.effectId, frame.effect);
      case 'answer':
        return settle(calls, frame.callId, frame.result);
      case 'credential':
        return settle(credentials, frame.askId, frame.token);
      case 'door':
        return settle(doors, frame.askId, frame.token);
      case 'bye':
        return around.onBye(frame.failure);
    }
  };
  /** One is enough, however long the town is away. */
  const isRenewing = (): boolean => [...reports.values()].some(({ frame }) => frame.t === 'report' && frame.report.kind === 'renew');
  const socket: Socket = openSocket({
    url: () => socketUrl(around.url, '/runner/link'),
    headers: { authorization: `Bearer ${around.token}` },
    name: 'link',
    log: around.log,
    ...(around.random === undefined ? {} : { random: around.random }),
    ...(around.pingMs === undefined ? {} : { pingMs: around.pingMs }),
    onOpen() {
      welcomed = false;
      const hello: FromRunner = {
        t: 'hello',
        protocol: 1,
        instance: around.instance,
        agentKinds: [...around.agentKinds],
        isolation: around.isolation,
        runs: around.runs(),
      };
      socket.send(JSON.stringify(hello));
    },
    onText(text) {
      const frame = readFrame(text);
      if (frame === null) return around.log('link.bad_frame', { start: text.slice(0, 200) });
      receive(frame);
    },
    onLost() {
      welcomed = false;
    },
    onRefused(refused) {
      const final = ENDS_IT.includes(refused.code);
      if (final) around.onBye(refused);
      return final;
    },
  });
  return {
    report(report) {
      const told = fitting(report);
      if (told !== report) around.log('link.made_to_fit', { kind: report.kind, told: told?.kind ?? 'nothing' });
      if (told === null || (told.kind === 'renew' && isRenewing())) return Promise.resolve();
      const seq = ++lastSeq;
      return wait(reports, seq, { t: 'report', seq, report: told });
    },
    settled: () => (reports.size === 0 ? Promise.resolve() : new Promise((resolve) => settling.push(resolve))),
    call(wish) {
      const callId = `c${++lastId}`;
      const frame: FromRunner = { t: 'call', callId, ...wish };
      const why = unreadable(frame);
      return why === null ? wait(calls, callId, frame) : Promise.resolve(refuse(why));
    },
    askToken(rigId) {
      const askId = `a${++lastId}`;
      return wait(credentials, askId, { t: 'credential', askId, rigId });
    },
    askDoor(pool) {
      const askId = `a${++lastId}`;
      return wait(doors, askId, { t: 'door', askId, pool });
    },
    close: () => socket.close(),
  };
}

/** Who this runner is was taken back, or its town: asking again changes nothing. */
const ENDS_IT: readonly FailureCode[] = ['not_signed_in', 'town_deleted', 'unknown_runner', 'runner_token_refused'];

function readFrame(text: string): ToRunner | null {
  try {
    return ToRunner.safeParse(JSON.parse(text)).data ?? null;
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}
