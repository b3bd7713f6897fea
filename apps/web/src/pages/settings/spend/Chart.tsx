import { SpendQuery, SpendSeries } from '@gastown/protocol';
import { useQuery } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { api, orThrow } from '../../../api.ts';
import { layersOf, sumAt, type Layer, type Measure } from '../../../charting.ts';
import { clock, count, day, money, when } from '../../../format.ts';
import { useConnection, useTown } from '../../../replica/hooks.ts';
import type { Replica } from '../../../replica/store.ts';
import { useTownId } from '../../../shell/town-id.ts';
import { Button } from '../../../ui/Button.tsx';
import { Segments } from '../../../ui/Segments.tsx';
import { StackedBars, layerColour } from '../../../ui/StackedBars.tsx';
import { Cell, Table } from '../../../ui/Table.tsx';

const WINDOWS = SpendQuery.shape.window.unwrap().options;
const BY = { town: 'Town', rig: 'Rig', agent: 'Agent', model: 'Model' } as const;
type By = keyof typeof BY;

/** Spend by minute or hour, and the rate of this moment; asked again when the town has spent more, never on a beat. */
export function Chart({ measure }: { measure: Measure }) {
  const town = useTownId();
  const [span, setSpan] = useState<SpendQuery['window']>('1h');
  const [by, setBy] = useState<By>('town');
  const series = useQuery({
    queryKey: ['spend', town, span, by],
    queryFn: () => orThrow(api.spend(town, { window: span, by }, SpendSeries)),
    placeholderData: (before) => before,
    gcTime: 60_000,
  });
  useFresh(() => void series.refetch());
  return (
    <div className="flex flex-col gap-3">
      <div className="flex flex-wrap items-center gap-x-4 gap-y-2">
        <Rate series={series.data} />
        <span className="flex-1" />
        <Segments label="By" value={by} options={Object.entries(BY) as [By, string][]} onChange={setBy} />
        <Segments
          label="Window"
          value={span}
          options={WINDOWS.map((name) => [name, name.replace('h', ' h').replace('d', ' d')])}
          onChange={setSpan}
        />
      </div>
      {series.data ? (
        <Drawn series={series.data} measure={measure} />
      ) : series.error ? (
        <p role="alert" className="flex h-40 items-center justify-center gap-3 text-sm text-muted">
          {series.error.message}
          <Button small onClick={() => void series.refetch()}>
            Try again
          </Button>
        </p>
      ) : (
        <output aria-label="Loading spend" className="block h-40 animate-pulse rounded bg-sunken" />
      )}
    </div>
  );
}

/** Soon after the town spent something, and once more when the rate of this moment has run out: an idle town reads zero (MT-6). */
function useFresh(again: () => void): void {
  const spent = useTown()?.usage;
  const mark = spent && `${spent.costMicros}/${spent.inputTokens}/${spent.outputTokens}`;
  useEffect(() => {
    const soon = setTimeout(again, 1_500);
    const idle = setTimeout(again, 125_000);
    return () => {
      clearTimeout(soon);
      clearTimeout(idle);
    };
    // eslint-disable-next-line react-hooks/exhaustive-deps -- asked again for what was spent, not for a new function
  }, [mark]);
}

function Rate({ series }: { series: SpendSeries | undefined }) {
  const tokens = series?.now.tokensPerSecond ?? 0;
  return (
    <p className="tnum text-sm text-muted" data-testid="spend-rate">
      <span className="text-fg">{money(Math.round((series?.now.microsPerSecond ?? 0) * 3_600))}</span> an hour now,{' '}
      <span className="text-fg">{tokens === 0 ? '0' : tokens < 10 ? tokens.toFixed(1) : count(Math.round(tokens))}</span> tokens/s
    </p>
  );
}

function Drawn({ series, measure }: { series: SpendSeries; measure: Measure }) {
  const { replica } = useConnection();
  const layers = layersOf(series, measure);
  const says = measure === 'cost' ? money : count;
  const time = (at: number) => (series.window === '7d' ? day(at) : clock(at));
  const nameOf = (layer: Layer) => nameIn(replica, series.by, layer.key);
  const buckets = layers[0]?.values.length ?? 0;
  return (
    <>
      <StackedBars
        label={`Spend over ${series.window}: ${says(layers.reduce((sum, { total }) => sum + total, 0))}`}
        layers={layers}
        scale={says}
        from={series.from}
        bucketMs={series.bucketMs}
        time={time}
      >
        {(at) => <Bucket at={at} layers={layers} nameOf={nameOf} says={says} />}
      </StackedBars>
      {series.by !== 'town' && (
        <ul aria-label="Legend" className="flex flex-wrap gap-x-4 gap-y-1 text-xs text-muted">
          {layers.map((layer, at) => (
            <li key={layer.key} className="inline-flex items-center gap-1.5">
              <span aria-hidden className="size-2.5 rounded-xs" style={{ background: layerColour(layer, at) }} />
              {nameOf(layer)} <span className="tnum text-faint">{says(layer.total)}</span>
            </li>
          ))}
          {layers.length === 0 && <li>Nothing was spent in this time.</li>}
        </ul>
      )}
      <details>
        <summary className="text-xs text-faint hover:text-fg">As a table</summary>
        <Table
          label="Spend as a table"
          className="mt-2 max-h-72"
          head={[{ name: 'From' }, ...layers.map((layer) => ({ name: nameOf(layer), right: true }))]}
        >
          {Array.from({ length: buckets }, (_, at) => at)
            .filter((at) => (sumAt(layers, at) ?? 0) > 0)
            .map((at) => (
              <tr key={at} className="border-b border-line last:border-0">
                <Cell>{when(series.from + at * series.bucketMs)}</Cell>
                {layers.map((layer) => (
                  <Cell key={layer.key} right>
                    {says(layer.values[at] ?? 0)}
                  </Cell>
                ))}
              </tr>
            ))}
        </Table>
      </details>
    </>
  );
}

function Bucket({
  at,
  layers,
  nameOf,
  says,
}: {
  at: number;
  layers: readonly Layer[];
  nameOf: (layer: Layer) => string;
  says: (value: number) => string;
}) {
  const sum = sumAt(layers, at);
  if (sum === null) return <p>before the town was made</p>;
  return (
    <>
      <p className="tnum font-medium">{says(sum)}</p>
      {layers.length > 1 &&
        layers.map((layer, index) =>
          layer.values[at] ? (
            <p key={layer.key} className="flex items-center gap-1.5">
              <span aria-hidden className="size-2 rounded-xs" style={{ background: layerColour(layer, index) }} />
              <span className="flex-1">{nameOf(layer)}</span>
              <span className="tnum">{says(layer.values[at])}</span>
            </p>
          ) : null,
        )}
    </>
  );
}

function nameIn(replica: Replica, by: SpendSeries['by'], key: string): string {
  if (key === '*') return 'All others';
  if (by === 'rig') return key === '' ? 'Mayor and town' : (replica.row('rigs', key)?.name ?? key);
  if (by === 'agent') return key === '' ? 'No agent' : (replica.row('agents', key)?.name ?? key);
  return by === 'town' ? 'Town' : key || 'Unknown model';
}
