import { AuditReport, type AuditFinding } from '@gastown/protocol';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { CircleAlert, CircleCheck, Info, RefreshCw, ShieldCheck } from 'lucide-react';
import type { ReactNode } from 'react';
import { Refused, api, orThrow } from '../../api.ts';
import { drawerOfId } from '../../drawers.ts';
import { duration, when } from '../../format.ts';
import { useTown } from '../../replica/hooks.ts';
import { useTownId } from '../../shell/town-id.ts';
import { At, Facts, Mono, Section } from '../../ui/Bits.tsx';
import { Button } from '../../ui/Button.tsx';
import { ObjectLink } from '../../ui/ObjectLink.tsx';
import { Loading } from '../../ui/States.tsx';
import { Cell, Table } from '../../ui/Table.tsx';
import { StepText } from '../../views/StepText.tsx';
import { useNeeds } from '../Attention.tsx';
import { APART } from '../../views/runner-words.ts';
import { Parked } from './Parked.tsx';

/** What the doctor says of this town: asked when the page opens and on demand, never by itself. */
export function Health() {
  const town = useTownId();
  const audit = useQuery({ queryKey: ['audit', town], queryFn: () => orThrow(api.audit(town, AuditReport)), gcTime: 0 });
  return (
    <div className="flex flex-col gap-6">
      {audit.error && <Refusing error={audit.error} again={() => void audit.refetch()} busy={audit.isFetching} />}
      {audit.data && <Headline report={audit.data} busy={audit.isFetching} again={() => void audit.refetch()} />}
      {audit.isPending && <Loading what="health" />}
      <Isolation />
      <Parked />
      {audit.data && <Report report={audit.data} />}
    </div>
  );
}

/** What stands between an agent and the machine, in one sentence. */
function Isolation() {
  const isolation = useTown()?.isolation;
  return isolation ? (
    <p data-testid="isolation" className={`flex gap-2 text-sm ${isolation === 'none' ? 'text-accent' : 'text-muted'}`}>
      <ShieldCheck size={15} className="mt-0.5 shrink-0" aria-hidden />
      {APART[isolation]}
    </p>
  ) : null;
}

function Refusing({ error, again, busy }: { error: Error; again: () => void; busy: boolean }) {
  return (
    <div role="alert" className="flex flex-wrap items-center gap-3 rounded-lg bg-failed-wash px-3 py-2.5 text-sm">
      <div className="min-w-52 flex-1">
        <p className="text-failed">The town could not be looked at: {error.message}</p>
        {error instanceof Refused && <p>{error.answer.next}</p>}
      </div>
      <Button small pending={busy} onClick={again}>
        Try again
      </Button>
    </div>
  );
}

function Headline({ report, busy, again }: { report: AuditReport; busy: boolean; again: () => void }) {
  const bad = report.findings.filter(({ grade }) => grade === 'bad').length + (report.ok ? 0 : report.left);
  return (
    <div className="flex flex-wrap items-center gap-x-3 gap-y-2">
      {report.ok ? (
        <CircleCheck size={20} className="shrink-0 text-working" aria-hidden />
      ) : (
        <CircleAlert size={20} className="shrink-0 text-failed" aria-hidden />
      )}
      <div className="min-w-52 flex-1">
        <p className="text-base font-medium">
          {report.ok ? 'All that must hold holds' : bad === 1 ? 'One promise does not hold' : `${bad} promises do not hold`}
        </p>
        <p className="text-sm text-muted">
          {report.checks.length} promises checked at {when(report.at)}, revision {report.rev}.
        </p>
        <Waiting />
      </div>
      <Button icon={<RefreshCw size={14} />} pending={busy} onClick={again}>
        Look again
      </Button>
    </div>
  );
}

/** The promises are the town's; what waits for a person is no finding, and is told beside them. */
function Waiting() {
  const town = useTownId();
  const { length } = useNeeds();
  return length === 0 ? null : (
    <p className="text-sm">
      <Link to="/t/$town/attention" params={{ town }} className="text-accent underline underline-offset-3">
        {length === 1 ? '1 thing waits for you' : `${length} things wait for you`} in Attention
      </Link>
    </p>
  );
}

function Report({ report }: { report: AuditReport }) {
  return (
    <>
      {report.findings.length > 0 && (
        <Section title="Findings" count={report.findings.length + report.left}>
          <ul className="divide-y divide-line border-y border-line">
            {report.findings.map((finding) => (
              <Finding key={`${finding.check}-${finding.found}`} finding={finding} />
            ))}
          </ul>
          {report.left > 0 && <p className="mt-2 text-xs text-faint">{report.left} more are not listed.</p>}
        </Section>
      )}
      <Now report={report} />
      <Due report={report} />
      <Replay report={report} />
      <Fold title={`The ${report.checks.length} promises`}>
        <ul className="divide-y divide-line">
          {report.checks.map(({ check, promise, found }) => (
            <li key={check} className="flex items-baseline gap-3 py-1.5 text-sm">
              <Mono className="w-14 shrink-0 text-muted">{check}</Mono>
              <span className="min-w-0 flex-1">{promise}</span>
              <span className={found > 0 ? 'text-failed' : 'text-faint'}>{found > 0 ? `${found} found` : 'holds'}</span>
            </li>
          ))}
        </ul>
      </Fold>
      <Metrics report={report} />
    </>
  );
}

function Finding({ finding }: { finding: AuditFinding }) {
  const bad = finding.grade === 'bad';
  const Icon = bad ? CircleAlert : Info;
  return (
    <li className="flex gap-2.5 py-3 text-sm">
      <Icon size={15} className={`mt-0.5 shrink-0 ${bad ? 'text-failed' : 'text-accent'}`} aria-label={bad ? 'Wrong' : 'Note'} />
      <div className="flex min-w-0 flex-col gap-1 [overflow-wrap:anywhere]">
        <p className="font-medium">
          <Linked text={finding.found} />
        </p>
        <p className="text-muted">{finding.means}</p>
        <p>
          <StepText>{finding.next}</StepText>
        </p>
        <p className="text-xs text-faint">
          <Mono>{finding.check}</Mono> {finding.promise}
          {finding.since && (
            <>
              {' '}
              Last: {finding.since.type.replaceAll('_', ' ')} by {finding.since.actor}, <At at={finding.since.at} />.
            </>
          )}
        </p>
      </div>
    </li>
  );
}

/** A look of the rules that changes nothing. */
function Now({ report: { dryRun } }: { report: AuditReport }) {
  const quiet = dryRun.steps.length + dryRun.effects.length + dryRun.broken.length === 0;
  return (
    <Section title="What would happen now" count={dryRun.steps.length}>
      {quiet && <p className="text-sm text-faint">Nothing: the town is as its rules want it.</p>}
      {dryRun.broken.map(({ rule, error }) => (
        <p key={rule} className="py-1 text-sm text-failed">
          The rule {rule} broke and is left out: {error}
        </p>
      ))}
      <ul className="divide-y divide-line">
        {dryRun.steps.map((step, index) => (
          <li key={`${index}-${step.what}`} className="flex flex-col py-1.5 text-sm">
            <span className="[overflow-wrap:anywhere]">
              <Linked text={step.what} /> {step.subject && !step.what.includes(step.subject) && <Subject id={step.subject} />}
            </span>
            <span className="text-xs text-faint">
              {step.rule}: {step.why}
            </span>
          </li>
        ))}
      </ul>
      {dryRun.effects.length > 0 && (
        <p className="mt-1 text-sm text-muted">
          It would ask for {dryRun.effects.length === 1 ? 'one effect' : `${dryRun.effects.length} effects`}:{' '}
          {[...new Set(dryRun.effects.map(({ kind, target }) => `${kind} (${target})`))].join(', ')}.
        </p>
      )}
    </Section>
  );
}

function Subject({ id }: { id: string }) {
  const at = drawerOfId(id);
  if (!at) return <Mono className="text-muted">{id}</Mono>;
  return (
    <ObjectLink at={at} className="text-xs text-muted underline decoration-line-strong underline-offset-3 hover:text-fg">
      {id}
    </ObjectLink>
  );
}

/** A sentence of the core with its ids as links. */
function Linked({ text }: { text: string }) {
  return text.split(/\b((?:gt|mr|ag|es|cv|rig|run)-[0-9a-f]{8,12})\b/).map((part, index) => {
    const at = index % 2 === 1 ? drawerOfId(part) : null;
    return at ? (
      <ObjectLink key={index} at={at} className="underline decoration-line-strong underline-offset-3 hover:decoration-current">
        {part}
      </ObjectLink>
    ) : (
      part
    );
  });
}

function Due({ report }: { report: AuditReport }) {
  return (
    <Section title="When it wakes next">
      <p className="text-sm">
        {report.nextWake === null
          ? 'Never by itself: it waits for you, a model or a repository, and costs nothing meanwhile.'
          : `At ${when(report.nextWake)}.`}
      </p>
      <ul className="grid grid-cols-[auto_minmax(0,1fr)] gap-x-3">
        {report.due.map((due) => (
          <li key={`${due.at}-${due.what}`} className="col-span-2 grid grid-cols-subgrid items-baseline py-0.5 text-sm text-muted">
            <At at={due.at} className="tnum text-right" />
            <span>
              <Linked text={due.what} />
            </span>
          </li>
        ))}
      </ul>
    </Section>
  );
}

function Replay({ report: { replay } }: { report: AuditReport }) {
  return (
    <Section title="The ledger against the tables" count={replay.differences.length + replay.left}>
      <p className="text-sm text-muted">
        {replay.events.toLocaleString('en')} events replayed over {replay.beads.toLocaleString('en')} beads and{' '}
        {replay.edges.toLocaleString('en')} dependencies: {replay.compared.toLocaleString('en')} values compared
        {replay.unknown > 0 && `, ${replay.unknown.toLocaleString('en')} not known to an older ledger`}.{' '}
        {replay.differences.length === 0 ? 'They agree.' : 'They differ:'}
      </p>
      {replay.differences.length > 0 && (
        <Table label="Differences" head={[{ name: 'Bead' }, { name: 'Value' }, { name: 'Ledger' }, { name: 'Table' }]}>
          {replay.differences.map((difference) => (
            <tr key={`${difference.id}-${difference.column}`} className="border-b border-line last:border-0">
              <Cell>
                <Subject id={difference.id} />
              </Cell>
              <Cell>{difference.column}</Cell>
              <Cell>{difference.ledger}</Cell>
              <Cell>{difference.table}</Cell>
            </tr>
          ))}
        </Table>
      )}
    </Section>
  );
}

function Metrics({ report: { metrics, effects, quarantined } }: { report: AuditReport }) {
  const sum = (record: Record<string, number>) => Object.values(record).reduce((all, one) => all + one, 0);
  return (
    <Fold title={`Counted since ${when(metrics.since)}`}>
      <Facts
        facts={[
          ['Commands', `${sum(metrics.commands)}, ${metrics.refused} refused`],
          ['Changes', `${sum(metrics.actions)} by the rules`],
          ['Looks', `${metrics.ticks.count}, slowest ${duration(metrics.ticks.slowestMs)}`],
          ['Effects', `${effects.pending} waiting, ${effects.sent} under way, ${effects.parked} parked`],
          ['Not readable', `${metrics.unreadable}, ${quarantined} in quarantine`],
        ]}
      />
    </Fold>
  );
}

function Fold({ title, children }: { title: string; children: ReactNode }) {
  return (
    <details className="group">
      <summary className="text-sm text-muted hover:text-fg">{title}</summary>
      <div className="mt-2">{children}</div>
    </details>
  );
}
