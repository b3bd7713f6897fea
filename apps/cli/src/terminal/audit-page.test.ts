import { AuditReport } from '@gastown/protocol';
import { describe, expect, it } from 'vitest';
import { healthy } from '../testing/audit-fixture.ts';
import { auditPage, timelinePage } from './audit-page.ts';
import { painted } from './paint.ts';

const AT = healthy.at;
const finding = {
  check: 'I6',
  grade: 'bad',
  found: 'gt-1: title is another,\u001b[31m the ledger says second',
  promise: 'Nothing changes silently.',
  means: 'Somebody changed it.',
  next: 'Set it right.',
  since: { id: 3, at: AT, type: 'status_changed', actor: 'Ada\u0007', cause: 'bead.create' },
  at: AT,
} as const;
const page = (report: AuditReport): string => painted(auditPage(report), false);

describe('the doctor’s page', () => {
  it('of a healthy town is short and calm', () => {
    expect(AuditReport.parse(healthy)).toEqual(healthy);
    const lines = page(healthy).split('\n');
    expect(lines.length).toBeLessThan(12);
    expect(lines[0]).toMatch(/^✓ Bench \(k3v9q0t2m4xa\) is healthy, /);
    expect(lines).toContain('  Ledger       12 events of 4 beads say what the tables say (53 columns compared)');
    expect(lines).toContain('  Promises     2 of 2 hold');
    expect(lines).toContain('  Next         nothing is due: it waits for others');
    expect(lines.at(-1)).toContain('3 commands, 1 refused; 3 looks, the slowest 3 ms; changes by runs 9, dispatch 5');
  });

  it('names each finding, what is promised, since when, what it means and what to do, the bad first', () => {
    const waits = { ...finding, grade: 'note', check: 'RC-9', since: null, at: AT } as const;
    const text = page({
      ...healthy,
      ok: false,
      findings: [finding, waits],
      checks: healthy.checks.map((check) => ({ ...check, found: check.check === 'I6' ? 1 : 0 })),
    });
    expect(text).toMatch(/^✗ Bench \(k3v9q0t2m4xa\): 1 finding is bad, \d/);
    for (const part of [
      'promised  Nothing changes silently.',
      'means     Somebody changed it.',
      'next      Set it right.',
      '1 of 2 hold, not I6',
    ])
      expect(text).toContain(part);
    expect(text).toMatch(/since {5}\d{4}-\d\d-\d\d .*, status changed by Ada {2}?\(bead\.create\)/);
  });

  it('counts what waits for a person as Attention does, and names the first (I8)', () => {
    const needs = { total: 14, first: ['The hard limit of the town is reached', 'second is\u001b not found'] };
    const lines = page({ ...healthy, needs }).split('\n');
    expect(lines[0]).toMatch(/^! Bench \(k3v9q0t2m4xa\): every promise holds; 14 things wait for you in Attention, /);
    expect(lines.slice(1, 4)).toEqual([
      '  • The hard limit of the town is reached',
      '  • second is  not found',
      '  … and 12 more in Attention',
    ]);
    expect(page({ ...healthy, ok: false, findings: [finding], needs })).toMatch(
      /^✗ .*: 1 finding is bad, 14 things wait for you in Attention, /,
    );
  });

  it('has no line that a name of the town made', () => {
    const text = page({ ...healthy, findings: [finding], town: { ...healthy.town, name: 'a\n✓ all is well' } });
    expect(text).toMatch(/^✗ a ✓ all is well \(k3v9q0t2m4xa\): 1 finding is bad/);
  });

  it('tells a dry run by rule', () => {
    const step = { rule: 'dispatch', what: 'gt-1 “work”: open → in_progress', why: 'A ready bead gets an agent.', subject: 'gt-1' };
    const effect = { id: 'ef-1', kind: 'run.start', target: 'runner' };
    const text = page({ ...healthy, dryRun: { ...healthy.dryRun, steps: [step], effects: [effect] } });
    expect(text).toContain('Now          the rules would do 1 thing:');
    expect(text).toContain('gt-1 “work”: open → in_progress');
    expect(text).toContain('dispatch: A ready bead gets an agent.');
    expect(text).toContain('run.start (ef-1) would go to the runner');
  });
});

it('the timeline of a bead has a line for each event: when, what, from what to what, who and why', () => {
  const event = {
    id: 1,
    at: AT,
    type: 'created',
    actor: 'Ada',
    cause: 'bead.create',
    before: null,
    after: 'open',
    agent: null,
    failure: null,
  };
  const failed = { code: 'agent_crashed', message: 'It ended.' } as const;
  const text = painted(
    timelinePage({
      id: 'gt-1',
      title: 'work',
      status: 'in_progress',
      events: [
        { ...event, data: { set: { title: 'work', body: '#fc1cb7fd-e16805db-204' } } },
        { ...event, type: 'status_changed', before: 'in_progress', after: 'open', actor: 'town', cause: 'runs', failure: failed, data: {} },
      ],
    }),
    false,
  );
  expect(text.split('\n')[0]).toBe('gt-1 “work” is in progress');
  expect(text).toMatch(/created {9}open {16}Ada \(bead\.create\)\n {21}title: work\n {21}body: a text of 204 characters\n/);
  expect(text).toMatch(/status changed {2}in_progress → open {2}town \(runs\)\n {21}agent_crashed: It ended\./);
});
