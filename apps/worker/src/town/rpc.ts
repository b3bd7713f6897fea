import type {
  AgentId,
  AuditReport,
  BadLines,
  BadLinesQuery,
  BeadAnswer,
  BeadEvents,
  BeadEventsQuery,
  BeadsPage,
  BeadsQuery,
  BeadTimeline,
  Failure,
  ModelConfig,
  ReadyAnswer,
  Result,
  RigId,
  RigRow,
  RunnerId,
  RunnerSelf,
  SpendQuery,
  SpendSeries,
  UnreadableSecrets,
} from '@gastown/protocol';
import type { Envelope, ExportPage, ExportWish, ModelPass } from '@gastown/town';

/** `ticket`: to be given back at the end of the call; null when nobody waits for that. */
export interface Admission extends ModelPass {
  readonly ticket: string | null;
}

/** What the edge and the other objects may ask a TownDO. */
export interface TownRpc {
  /** `town.create`; the only call that may make a store. */
  create(envelope: Envelope): Promise<Result<unknown>>;
  command(envelope: Envelope): Promise<Result<unknown>>;
  /** The launcher started anew: the container of the earlier boot is gone, and the environment may offer another model. */
  boot(offer: { model: ModelConfig | null; modelKeyHint: string | null; scripted: boolean }): Promise<Result<unknown>>;
  /** What is stored sealed and does not open with the keys of this start; null when all of it does. */
  unreadableSecrets(): Promise<Omit<UnreadableSecrets, 'town'> | null>;
  /** May this call go through? It may have to wait: for the report that names its session, and, when there is a budget, for the end of the run's call before. */
  modelPass(instance: string, sessionId: string): Promise<Result<Admission>>;
  /** `runner.renew_token`, or another command that gives a token out: who holds an older one is sent away. */
  runnerToken(envelope: Envelope): Promise<Result<{ runnerId: RunnerId; serial: number }>>;
  /** `runner.remove`: its process is sent away. */
  removeRunner(envelope: Envelope, runnerId: RunnerId): Promise<Result<unknown>>;
  /** Why this runner's token is good no more; null: it is. `serial`: of a machine's token, or the container's start. */
  runnerRefused(runnerId: RunnerId, serial: number): Promise<Failure | null>;
  runnerSelf(runnerId: RunnerId): Promise<Result<RunnerSelf>>;
  /** Null lets it in, a machine if the agent's session is there, or was last: its sockets to the agent are closed when its token is good no more. */
  letRunnerIn(runnerId: RunnerId, agentId: AgentId): Promise<Failure | null>;
  /** Answered when an admitted call may not go on (the town was stopped, a budget is spent, its run is over), or with null after a while: to be asked again. */
  modelCallRefused(instance: string, sessionId: string): Promise<Failure | null>;
  /** An admitted call is over and what it used is booked. */
  modelCallOver(ticket: string): Promise<void>;
  /** The provider failed an admitted call of this run. True: it has for so long that the agent is to try no more. */
  modelCallFailed(runId: string): Promise<boolean>;
  spendSeries(query: SpendQuery): Promise<Result<SpendSeries>>;
  models(instance: string): Promise<Result<ModelConfig[]>>;
  /** Beads as JSONL; `next` names where it goes on. */
  exportPage(wish: ExportWish): Promise<ExportPage>;
  /** What imports could not take. */
  badLines(query: BadLinesQuery): Promise<BadLines>;
  ready(order: 'newest' | 'oldest', limit: number): Promise<ReadyAnswer>;
  beads(query: BeadsQuery): Promise<BeadsPage>;
  bead(id: string): Promise<BeadAnswer | null>;
  /** A rig by its id or its name. */
  hasRig(id: RigId): Promise<boolean>;
  rigNamed(named: string): Promise<RigId | null>;
  rigNames(): Promise<string[]>;
  rigs(): Promise<RigRow[]>;
  /** Everything that can be checked of this town, and what it would do now; nothing is changed (I6, RC-23, RC-26). */
  audit(): Promise<Result<AuditReport>>;
  timeline(beadId: string): Promise<Result<BeadTimeline>>;
  beadEvents(beadId: string, query: BeadEventsQuery): Promise<BeadEvents | null>;
  /** The sockets that pages of this session have here are closed, and what they say from now on counts for nothing (WS-17). */
  endSession(session: string): Promise<void>;
  hasAgent(agentId: AgentId): Promise<boolean>;
  /** Ends everything of the town: container, agents' stores, sockets, alarm, store. Safe to call again (DL-2). False: it goes on by alarm, and is not over. */
  destroy(townId: string): Promise<boolean>;
}
