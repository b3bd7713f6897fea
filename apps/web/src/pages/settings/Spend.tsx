import { costIsKnown, limitRef, modelsInUse, type TownRow } from '@gastown/protocol';
import { Link, useSearch } from '@tanstack/react-router';
import { useState } from 'react';
import type { Measure } from '../../charting.ts';
import { count, money, tokensOf } from '../../format.ts';
import { useRow } from '../../replica/hooks.ts';
import { kindToRaise, reachOf, reachSays } from '../../spending.ts';
import { Facts, Section } from '../../ui/Bits.tsx';
import { Segments } from '../../ui/Segments.tsx';
import { Chart } from './spend/Chart.tsx';
import { LimitCell } from './spend/LimitCell.tsx';
import { Tables } from './spend/Tables.tsx';

/** What was spent, by whom and when; and what may be, at each level. */
export function Spend({ town }: { town: TownRow }) {
  const priced = town.model === null || costIsKnown(town.model) || town.usage.costMicros > 0;
  // Another link to raise a limit opens that one anew.
  const { limit } = useSearch({ from: '/t/$town/settings' });
  const [measure, setMeasure] = useState<Measure>(priced ? 'cost' : 'tokens');
  return (
    <div className="flex flex-col gap-8">
      <TownSpend key={`town ${limit}`} town={town} />
      <Section
        title="Over time"
        aside={
          <Segments
            label="Measure"
            value={measure}
            options={[
              ['cost', 'Money'],
              ['tokens', 'Tokens'],
            ]}
            onChange={setMeasure}
          />
        }
      >
        <Chart measure={measure} />
      </Section>
      <Section title="By whom, and what they may spend">
        <p className="mb-3 max-w-xl text-sm text-muted">
          At a soft limit nothing new starts. At a hard limit it stops at once, and no model call goes through. The smallest limit that is
          reached decides.
        </p>
        <Tables key={limit} />
      </Section>
    </div>
  );
}

function TownSpend({ town }: { town: TownRow }) {
  const { limit: open } = useSearch({ from: '/t/$town/settings' });
  const ref = limitRef('town', town.id);
  const limit = useRow('limits', ref);
  const { usage } = town;
  const unpriced = modelsInUse(town.model, town.roleModels).find((model) => !costIsKnown(model));
  const figures = { spentMicros: usage.costMicros, softMicros: limit?.softMicros ?? null, hardMicros: limit?.hardMicros ?? null };
  const reach = reachOf(figures);
  const wanted = open === ref ? kindToRaise(figures) : null;
  return (
    <div className="flex flex-col gap-4">
      {reach && (
        <p role="alert" className="rounded-lg bg-accent-wash px-3 py-2 text-sm text-accent">
          {reach === 'hard' ? 'The hard limit of the town is reached' : 'The soft limit of the town is reached'}:{' '}
          {reachSays(reach, figures)}
        </p>
      )}
      <div className="grid items-start gap-x-10 gap-y-4 sm:grid-cols-2">
        <Facts
          facts={[
            [
              'Spent',
              <span key="s" className="text-base font-medium">
                {money(usage.costMicros)}
              </span>,
            ],
            [
              'Soft limit',
              <LimitCell key="l" kind="soft" level="town" id={town.id} name="the town" limit={limit} open={wanted === 'soft'} left />,
            ],
            [
              'Hard limit',
              <LimitCell key="h" kind="hard" level="town" id={town.id} name="the town" limit={limit} open={wanted === 'hard'} left />,
            ],
          ]}
        />
        <Facts
          facts={[
            ['Tokens', count(tokensOf(usage))],
            [
              'Read',
              <>
                {count(usage.inputTokens)} new, {count(usage.cacheReadTokens)} from the cache
              </>,
            ],
            [
              'Written',
              <>
                {count(usage.outputTokens)}, {count(usage.cacheWriteTokens)} into the cache
              </>,
            ],
          ]}
        />
      </div>
      {unpriced && (
        <p role="note" className="max-w-xl text-sm text-accent">
          The price of {unpriced.model} is not known, so cost counts as nothing and a limit cannot hold.{' '}
          <Link to="/t/$town/settings" params={{ town: town.id }} search={{ tab: 'models' }} className="underline underline-offset-2">
            Set its price
          </Link>
        </p>
      )}
    </div>
  );
}
