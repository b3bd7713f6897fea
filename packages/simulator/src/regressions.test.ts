import { expect, test } from 'vitest';
import { planOf, replicaPlan } from './plan.ts';
import { simulate } from './simulate.ts';

/**
 * Seeds that once broke a rule, made small, and kept for ever. What the core had wrong is also told as a story of its own in
 * `packages/town/src/stories/found.test.ts`: a seed changes its meaning when commands are added, a story does not.
 */
test('seed 95: a page shows retry_later on a bead that waits for a slot (I17)', () => {
  expect(simulate({ seed: 95, steps: 600, people: 2, browsers: 2, rigs: 2 }).violation).toBeNull();
});
test('seed 1001158: six wakes in a row, each of which hands one effect out again, are not idle (I8)', () => {
  expect(simulate(planOf(1_001_158, 500)).violation).toBeNull();
});
test('seed 1002534: a stop that died in the storm is not said again in the calm (RC-28)', () => {
  expect(simulate(planOf(1_002_534, 500)).violation).toBeNull();
});
test('seed 128: a page shows that a start waits for room, which the town forgot when it handed it out again (I17)', () => {
  const only = ['link.loses_a_frame', 'agent.slow', 'runner.is_full', 'browser.cut', 'browser.slow'] as const;
  const cuts = ['browser.cut#1', 'browser.cut#2', 'browser.cut#3', 'browser.cut#5'];
  const slow = ['browser.slow#10', 'browser.slow#12', 'browser.slow#13', 'browser.slow#18', 'browser.slow#21'];
  const strikes = [...cuts, ...slow, 'link.loses_a_frame#1', 'runner.is_full#1'];
  expect(simulate({ ...planOf(128, 150), only, strikes }).violation).toBeNull();
});
test('seed 573: who waited for a model that a person says may be asked again shows another reason (I17)', () => {
  expect(
    simulate({
      seed: 573,
      steps: 300,
      people: 2,
      browsers: 2,
      rigs: 2,
      only: [
        'store.dies_before_commit',
        'host.slow',
        'agent.silent',
        'agent.crashes',
        'agent.breaks_the_build',
        'agent.asks',
        'model.limits',
        'people.double_click',
      ],
      withoutCommands: ['rig.add'],
      strikes: [
        'host.slow#1',
        'people.double_click#1',
        'people.double_click#2',
        'people.double_click#3',
        'agent.crashes#1',
        'people.double_click#4',
        'agent.asks#1',
        'model.limits#1',
        'store.dies_before_commit#1',
      ],
    }).violation,
  ).toBeNull();
});
test('seed 1107: a start that found room at last no longer says that it waits for it (I17)', () => {
  expect(
    simulate({
      seed: 1107,
      steps: 150,
      people: 2,
      browsers: 2,
      rigs: 2,
      only: [
        'store.dies_after_commit',
        'link.loses_a_frame',
        'link.slow',
        'host.dies',
        'agent.start_fails',
        'agent.never_done',
        'model.is_full',
        'runner.is_full',
        'browser.cut',
        'browser.slow',
      ],
      withoutCommands: ['rig.add'],
      strikes: [
        'browser.slow#1',
        'link.loses_a_frame#1',
        'browser.slow#2',
        'agent.never_done#1',
        'link.loses_a_frame#2',
        'store.dies_after_commit#1',
        'link.slow#1',
        'model.is_full#1',
        'host.dies#1',
        'browser.cut#1',
        'agent.start_fails#1',
        'runner.is_full#1',
      ],
    }).violation,
  ).toBeNull();
});

test('seed 1061045: a machine that a rival drives out as the storm ends is started again (RC-28)', () => {
  expect(
    simulate({
      seed: 1061045,
      steps: 476,
      people: 2,
      browsers: 2,
      rigs: 2,
      machines: 2,
      only: [
        'link.loses_a_frame',
        'link.slow',
        'runner.has_a_rival',
        'runner.is_asked_to_end',
        'forge.head_moves',
        'forge.goes_red',
        'agent.crashes',
        'agent.never_done',
        'model.down',
        'model.refuses_to_answer',
        'people.double_click',
        'browser.cut',
      ],
      strikes: [
        'people.double_click#1',
        'people.double_click#2',
        'link.slow#1',
        'agent.crashes#1',
        'link.slow#2',
        'forge.head_moves#1',
        'link.slow#3',
        'people.double_click#3',
        'agent.never_done#1',
        'people.double_click#4',
        'people.double_click#5',
        'agent.crashes#2',
        'people.double_click#6',
        'link.slow#6',
        'forge.head_moves#2',
        'forge.head_moves#3',
        'runner.is_asked_to_end#1',
        'people.double_click#7',
        'link.slow#7',
        'model.refuses_to_answer#1',
        'link.loses_a_frame#1',
        'people.double_click#8',
        'people.double_click#9',
        'people.double_click#10',
        'people.double_click#11',
        'forge.goes_red#1',
        'runner.has_a_rival#1',
        'link.slow#8',
        'people.double_click#13',
        'link.slow#9',
        'link.loses_a_frame#2',
        'people.double_click#15',
        'browser.cut#4',
        'browser.cut#5',
        'link.slow#10',
        'browser.cut#6',
        'people.double_click#17',
        'runner.has_a_rival#2',
        'link.slow#11',
        'runner.has_a_rival#3',
        'runner.is_asked_to_end#2',
      ],
    }).violation,
  ).toBeNull();
});

test('seed 1063819: a machine whose token is renewed as the storm ends is brought the new one (RC-28)', () => {
  expect(
    simulate({
      seed: 1063819,
      steps: 500,
      people: 2,
      browsers: 2,
      rigs: 2,
      machines: 1,
      only: [
        'store.dies_before_commit',
        'alarm.late',
        'link.says_twice',
        'link.slow',
        'runner.is_asked_to_end',
        'runner.hangs',
        'machine.is_shut',
        'forge.outage',
        'forge.goes_red',
        'agent.repeats_itself',
        'agent.big_spender',
        'agent.asks',
        'people.bad_input',
      ],
      strikes: [
        'machine.is_shut#1',
        'people.bad_input#1',
        'alarm.late#1',
        'agent.asks#1',
        'store.dies_before_commit#1',
        'link.says_twice#1',
        'link.slow#1',
        'forge.goes_red#1',
        'agent.repeats_itself#1',
        'link.says_twice#2',
        'agent.asks#2',
        'link.slow#2',
        'runner.hangs#1',
        'people.bad_input#2',
        'forge.goes_red#2',
        'forge.goes_red#3',
        'runner.is_asked_to_end#1',
        'machine.is_shut#2',
        'runner.is_asked_to_end#2',
        'forge.outage#1',
        'people.bad_input#5',
        'agent.big_spender#1',
        'link.slow#3',
        'machine.is_shut#3',
        'people.bad_input#6',
      ],
    }).violation,
  ).toBeNull();
});

test('seed 1004724: a lease that was given less than a second before the clock was set back is no finding (I3)', () => {
  expect(simulate(replicaPlan(1_004_724, 200)).violation).toBeNull();
});
test('seed 1009744: a machine that the town takes for wedged is started again by whom it tells so (RC-28)', () => {
  expect(simulate(replicaPlan(1_009_744, 200)).violation).toBeNull();
});
test.each([47, 53])(
  'seed %i: an agent on a machine is silent for hours while the container is stopped, and nobody asks (PT-3, I10)',
  (seed) => {
    const rates = {
      'agent.silent': 0.8,
      'runner.watches_late': 1,
      'host.dies': 1,
      'machine.is_shut': 0,
      'machine.is_asked_to_end': 0,
      'runner.crashes': 0,
      'people.delete_the_town': 0,
    };
    expect(simulate({ ...planOf(seed, 400), rigs: 1, machines: 2, rates }).violation).toBeNull();
  },
);

test('seed 80: a link breaks off after the time of what was sent over it; handed out again, that is not late at once (I8)', () => {
  expect(simulate(planOf(80, 300)).violation).toBeNull();
});
