import type { RigRow } from '@gastown/protocol';
import { Link } from '@tanstack/react-router';
import { money, tokens } from '../format.ts';
import { byActivity } from '../ordering.ts';
import { useRow, useSelect, useTown } from '../replica/hooks.ts';
import { isMissed, takersOf } from '../runners.ts';
import { useTownId } from '../shell/town-id.ts';
import { Dash, Facts, Mono, Section } from '../ui/Bits.tsx';
import { buttonClass } from '../ui/Button.tsx';
import { SignWord } from '../ui/Sign.tsx';
import { RunnerLink } from './parts.tsx';
import { RigLimit, useRigSign } from './RigLimit.tsx';
import { RigFailure } from './RigFailure.tsx';
import { PauseRig, RigPaused } from './PauseRig.tsx';
import { AgentRowLine } from './AgentRowLine.tsx';

export function RigView({ id }: { id: string }) {
  const town = useTownId();
  const rig = useRow('rigs', id);
  const sign = useRigSign(id);
  const agents = useSelect(
    ['agents'],
    (replica) =>
      [...replica.rows('agents').values()]
        .filter((agent) => agent.rigId === id)
        .toSorted(byActivity)
        .map((agent) => agent.id),
    [id],
  );
  const takers = useSelect(['runners'], (replica) => takersOf([...replica.rows('runners').values()], id).map((runner) => runner.id), [id]);
  const away = useSelect(['runners'], (replica) => isMissed(takersOf([...replica.rows('runners').values()], id)), [id]);
  if (!rig || !sign) return null;
  return (
    <article className="flex flex-col gap-4 p-4 sm:p-5">
      <div className="flex flex-wrap items-center gap-2">
        <SignWord sign={sign} className="text-sm" />
        <span className="flex-1" />
        <PauseRig rig={rig} />
        <Link to="/t/$town/rigs/$rig" params={{ town, rig: id }} className={buttonClass('plain', true)}>
          Board
        </Link>
        <Link to="/t/$town/settings" params={{ town }} search={{ tab: 'repositories' }} className={buttonClass('quiet', true)}>
          Settings
        </Link>
      </div>
      <h1 className="text-lg font-semibold">{rig.name}</h1>
      <RigPaused rig={rig} />
      <RigLimit id={rig.id} />
      {rig.state === 'connecting' && away && (
        <p className="rounded-lg bg-accent-wash px-3 py-1.5 text-sm text-accent">
          {takers.length === 0
            ? 'No runner takes it: choose one in Settings › Runners.'
            : 'It is looked at as soon as a runner that takes it is there.'}
        </p>
      )}
      <RigFailure rig={rig} />
      <Facts
        facts={[
          ['Repository', <Mono key="u">{rig.gitUrl}</Mono>],
          ['Default branch', rig.defaultBranch ? <Mono>{rig.defaultBranch}</Mono> : <Dash />],
          ['Token', rig.tokenSet ? 'set' : 'none'],
          [
            'Runners',
            takers.length === 0 ? (
              'none takes it'
            ) : (
              <span key="w" className="flex flex-wrap gap-x-2">
                {takers.map((runner) => (
                  <RunnerLink key={runner} id={runner} />
                ))}
              </span>
            ),
          ],
          ['Slots', `${rig.busyPolecats} of ${rig.maxPolecats} busy`],
          [
            'Cost',
            <>
              {money(rig.usage.costMicros)} <span className="text-faint">{tokens(rig.usage)}</span>
            </>,
          ],
        ]}
      />
      <RigGates own={rig.gates} />
      <Section title="Agents" count={agents.length}>
        {agents.length === 0 ? (
          <p className="text-sm text-faint">None yet: one is made when a bead is ready.</p>
        ) : (
          <ul className="divide-y divide-line">
            {agents.map((agent) => (
              <li key={agent}>
                <AgentRowLine id={agent} />
              </li>
            ))}
          </ul>
        )}
      </Section>
    </article>
  );
}

function RigGates({ own }: { own: RigRow['gates'] }) {
  const town = useTown();
  const gates = own ?? town?.gates ?? [];
  return (
    <Section title="Gates" count={gates.length} aside={own === null && <span className="text-xs text-faint">of every repository</span>}>
      {gates.length === 0 ? (
        <p className="text-sm text-faint">None: work lands untested.</p>
      ) : (
        <ul className="flex flex-col gap-1">
          {gates.map((gate) => (
            <li key={gate}>
              <Mono>{gate}</Mono>
            </li>
          ))}
        </ul>
      )}
    </Section>
  );
}
