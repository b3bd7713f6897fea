/**
 * Everything that may go wrong, with how often it does at each opportunity in an ordinary bad world. Each world turns about half of them off and the
 * others up or down, so that seeds differ in kind and not only in order.
 */
export const FAULTS = {
  'store.dies_before_commit': 0.006,
  'store.dies_after_commit': 0.006,
  'alarm.late': 0.1,
  'link.cut': 0.006,
  'link.half_open': 0.002,
  'link.loses_a_frame': 0.006,
  'link.says_twice': 0.02,
  'link.swaps_frames': 0.02,
  'link.slow': 0.05,
  'runner.crashes': 0.01,
  'runner.has_a_rival': 0.15,
  'runner.lies': 0.04,
  'runner.is_asked_to_end': 0.08,
  'runner.hangs': 0.03,
  'host.start_fails': 0.2,
  'host.slow': 0.2,
  'host.dies': 0.1,
  'host.loses_its_disk': 0.3,
  'forge.outage': 0.15,
  'forge.refuses_the_token': 0.05,
  'forge.head_moves': 0.3,
  'forge.goes_red': 0.06,
  'gate.flakes': 0.06,
  'gate.times_out': 0.02,
  'gate.runs_nothing': 0.01,
  'agent.start_fails': 0.08,
  'agent.slow': 0.15,
  'agent.silent': 0.06,
  'agent.crashes': 0.08,
  'agent.lies_about_done': 0.1,
  'agent.repeats_itself': 0.15,
  'agent.late': 0.08,
  'agent.wrong_tools': 0.1,
  'agent.never_done': 0.1,
  'agent.big_spender': 0.15,
  'agent.breaks_the_build': 0.15,
  'agent.asks': 0.25,
  'model.down': 0.05,
  'model.refuses_the_key': 0.02,
  'people.double_click': 0.1,
  'people.bad_input': 0.1,
  'people.delete_the_town': 0.006,
  'browser.cut': 0.03,
  'browser.slow': 0.2,
} as const;
export type FaultKind = keyof typeof FAULTS;
export const FAULT_KINDS = Object.keys(FAULTS) as FaultKind[];

/** Faults of the network between town and runner or browser. */
export const isOfNetwork = (kind: FaultKind): boolean => kind.startsWith('link.') || kind === 'browser.cut' || kind === 'browser.slow';
