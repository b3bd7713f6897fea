/**
 * Every public number of the town, each with its unit and its reason. The table in docs/reference is generated from here.
 */
interface Limit {
  readonly value: number;
  readonly unit: 'ms' | 'count' | 'bytes' | 'characters' | 'micros';
  readonly why: string;
}
const limit = (value: number, unit: Limit['unit'], why: string): Limit => ({ value, unit, why });

export const LIMITS = {
  leaseMs: limit(90_000, 'ms', 'a silent holder of a bead is given up after this (I3)'),
  leaseRenewMs: limit(30_000, 'ms', 'a runner with live turns renews their leases this often: at most one write a run'),
  turnSilenceMs: limit(600_000, 'ms', 'a turn with no output for this long is interrupted and reported as stalled (PT-4)'),
  mayorIdleStopMs: limit(300_000, 'ms', 'no work and a quiet Mayor for this long stop the container (CT-7)'),
  polecatsPerRig: limit(3, 'count', 'default slots of a rig (requirements 0.1, C3)'),
  polecatsPerTown: limit(10, 'count', 'default slots of a town: what a 2-core container can run'),
  attemptsPerBead: limit(3, 'count', 'failed runs in a row after which a bead fails and a person is asked (RC-31, I8)'),
  dispatchAttempts: limit(5, 'count', 'starts in a row that never began before a bead fails (RC-18)'),
  effectAttempts: limit(10, 'count', 'tries of one effect before it is parked and shown (I8)'),
  poisonTries: limit(3, 'count', 'times that something which makes the town throw is tried before it is put aside and shown (RC-9)'),
  connectsAtOnce: limit(8, 'count', 'repositories looked at once: each may hang for as long as a clone may take'),
  startsAtOnce: limit(10, 'count', 'agents started at once: what a 2-core container begins within the time of a start'),
  gateRunsAtOnce: limit(2, 'count', 'merge results tested at once: one for each core, more would slow each other into their time limits'),
  effectsAtOnce: limit(32, 'count', 'other effects under way to a runner at once; what stops an agent never waits'),
  effectRetryBaseMs: limit(1_000, 'ms', 'first wait of the full-jitter retry; doubles'),
  effectRetryCapMs: limit(60_000, 'ms', 'longest wait of the retry'),
  effectTimeoutMs: limit(60_000, 'ms', 'an effect without an outcome for this long is unknown and sent again, same key (RC-35)'),
  startTimeoutMs: limit(90_000, 'ms', 'time to decide whether an agent started (RC-35)'),
  gateTimeoutMs: limit(900_000, 'ms', 'one gate command runs at most this long (QG-6)'),
  gateOutputBytes: limit(65_536, 'bytes', 'tail of a gate output that is kept and shown (QG-6)'),
  cloneTimeoutMs: limit(600_000, 'ms', 'a clone or fetch runs at most this long (ED-7)'),
  donePromptsPerRun: limit(2, 'count', 'reminders to an agent that ended its turn without gt_done'),
  spendMinutesMs: limit(691_200_000, 'ms', 'spend is kept by minute for 8 days: the longest window of a chart and a day (MT-3)'),
  spendLimits: limit(500, 'count', 'spend limits of a town: all of them are looked at before a start'),
  titleCharacters: limit(200, 'characters', 'title of a bead'),
  bodyCharacters: limit(100_000, 'characters', 'body of a bead; the row limit of the platform is 2 MB (DM-17)'),
  messageCharacters: limit(100_000, 'characters', 'one chat message or nudge'),
  statusLineCharacters: limit(120, 'characters', 'status line of an agent (AG-16)'),
  nameCharacters: limit(60, 'characters', 'name of a town or rig'),
  frameBytes: limit(1_048_576, 'bytes', 'one frame of any socket'),
  requestBytes: limit(262_144, 'bytes', 'one API request body'),
  transcriptItemBytes: limit(262_144, 'bytes', 'one stored transcript item; longer ones are cut and say so (DM-17)'),
  transcriptItems: limit(20_000, 'count', 'newest transcript items kept for one agent'),
  transcriptBytes: limit(536_870_912, 'bytes', 'size of one agent store above which its oldest quarter goes; the platform ends at 10 GB'),
  modelRequestBytes: limit(33_554_432, 'bytes', 'one model call: a long conversation with images'),
  modelHeadersMs: limit(120_000, 'ms', 'a provider must begin to answer within this time'),
  sessionKnownMs: limit(10_000, 'ms', 'a model call may come before the report that names its session; it waits this long for it'),
  containerCallMs: limit(30_000, 'ms', 'one start or stop of a town container is answered within this time'),
  feedEvents: limit(200, 'count', 'newest events kept in a browser replica'),
  publishCoalesceMs: limit(50, 'ms', 'changes within this time travel in one frame (architecture §6)'),
  signInCodeMs: limit(600_000, 'ms', 'a printed sign-in link works once, for this long'),
  sessionMs: limit(2_592_000_000, 'ms', 'a browser stays signed in for 30 days'),
  duplicateSlingMs: limit(600_000, 'ms', 'an identical open bead slung within this time is refused unless forced (MY-13)'),
  nudgeTtlMs: limit(3_600_000, 'ms', 'a nudge that could not be delivered expires after this, with a record (MS-6)'),
  importBytes: limit(16_777_216, 'bytes', 'one import of beads: about 15,000 lines of the usual length, held in memory once'),
  importLineBytes: limit(1_000_000, 'bytes', 'one line of an import, kept as it came; the row limit of the platform is 2 MB (DM-17)'),
  importLines: limit(50_000, 'count', 'lines of one import that are looked at'),
  importEdges: limit(10_000, 'count', 'dependencies of one imported bead'),
  importTitleCharacters: limit(500, 'characters', 'title of an imported bead, as the tool that wrote it allows'),
  importVerdicts: limit(1_000, 'count', 'verdicts that the answer to an import carries; the rest is counted'),
  inputTries: limit(3, 'count', 'input over which the town breaks is tried this often, then put into quarantine (RC-9)'),
  quarantineRows: limit(100, 'count', 'newest inputs kept in quarantine; what is older goes with a record'),
  quarantineCharacters: limit(32_768, 'characters', 'what is kept of one input in quarantine (DM-17)'),
} as const satisfies Record<string, Limit>;

export type LimitName = keyof typeof LIMITS;
