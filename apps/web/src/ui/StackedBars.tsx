import { useState, type ReactNode } from 'react';
import { sumAt, topOf, type Layer } from '../charting.ts';

const HEIGHT = 160;
/** Between two layers, so that each is seen to end without its colour. */
const GAP = 1.2;
export const layerColour = (layer: Layer, at: number): string => (layer.key === '*' ? 'var(--chart-rest)' : `var(--chart-${(at % 5) + 1})`);

/**
 * Bars of one scale, one layer over the other. Drawn by hand: some dozens of rectangles need no library. What the picture shows stands in a table as well.
 */
export function StackedBars({
  label,
  layers,
  scale,
  from,
  bucketMs,
  time,
  children,
}: {
  label: string;
  layers: readonly Layer[];
  scale: (value: number) => string;
  from: number;
  bucketMs: number;
  time: (at: number) => string;
  /** What is said of the bucket under the pointer. */
  children: (at: number) => ReactNode;
}) {
  const [at, setAt] = useState<number | null>(null);
  const buckets = layers[0]?.values.length ?? 0;
  const top = topOf(layers);
  const start = (index: number) => from + index * bucketMs;
  return (
    <figure
      className="relative"
      onPointerMove={(event) => {
        const box = event.currentTarget.getBoundingClientRect();
        setAt(Math.min(buckets - 1, Math.max(0, Math.floor(((event.clientX - box.left) / box.width) * buckets))));
      }}
      onPointerLeave={() => setAt(null)}
    >
      <svg viewBox={`0 0 ${buckets} ${HEIGHT}`} preserveAspectRatio="none" className="block h-40 w-full" role="img" aria-label={label}>
        {[0, 0.5, 1].map((line) => (
          <line
            key={line}
            x1="0"
            x2={buckets}
            y1={HEIGHT - line * (HEIGHT - 1) - 0.5}
            y2={HEIGHT - line * (HEIGHT - 1) - 0.5}
            stroke="var(--line)"
            vectorEffect="non-scaling-stroke"
          />
        ))}
        {at !== null && <rect x={at} y="0" width="1" height={HEIGHT} fill="var(--bg-hover)" />}
        {Array.from({ length: buckets }, (_, index) => (
          <Bar key={index} layers={layers} at={index} top={top} />
        ))}
      </svg>
      {top > 0 && <span className="absolute top-0 left-0 bg-bg/80 pr-1 text-xs text-faint">{scale(top)}</span>}
      <figcaption className="mt-1 flex justify-between text-xs text-faint">
        <span>{time(from)}</span>
        <span>{time(start(Math.floor(buckets / 2)))}</span>
        <span>now</span>
      </figcaption>
      {at !== null && (
        <div
          className="pointer-events-none absolute top-2 z-10 min-w-36 rounded-md border border-line-strong bg-raised px-2.5 py-1.5 text-xs shadow-pop"
          style={
            at < buckets / 2
              ? { left: `calc(${((at + 1) / buckets) * 100}% + 8px)` }
              : { right: `calc(${(1 - at / buckets) * 100}% + 8px)` }
          }
        >
          <p className="mb-0.5 text-faint">{time(start(at))}</p>
          {children(at)}
        </div>
      )}
    </figure>
  );
}

function Bar({ layers, at, top }: { layers: readonly Layer[]; at: number; top: number }) {
  if (sumAt(layers, at) === null) return <rect x={at} y={HEIGHT - 3} width="1" height="3" fill="var(--line)" />;
  if (top === 0) return null;
  const full = HEIGHT - 4;
  return layers.map((layer, index) => {
    const below = layers.slice(0, index).reduce((sum, { values }) => sum + (values[at] ?? 0), 0);
    const height = ((layer.values[at] ?? 0) / top) * full;
    if (height === 0) return null;
    return (
      <rect
        key={layer.key}
        x={at + 0.12}
        width="0.760"
        y={HEIGHT - ((below / top) * full + height)}
        height={height > 2 * GAP ? height - GAP : height}
        fill={layerColour(layer, index)}
      />
    );
  });
}
