/** How long each part of a start took (MY-16): told in the transcript of the run, and logged with the agent's first sign. */
export interface Phases {
  /** The part that went on until now, since the one before ended. */
  end(phase: Phase): void;
  /** `place 0.3, setup 0, process 1.2, memory 0, session 0.9`, in seconds. */
  said(): string;
  total(): number;
  ms(): Readonly<Record<string, number>>;
}
type Phase = 'place' | 'setup' | 'process' | 'memory' | 'session';

export function makePhases(now: () => number): Phases {
  const began = now();
  let last = began;
  const took = new Map<Phase, number>();
  return {
    end(phase) {
      took.set(phase, (took.get(phase) ?? 0) + now() - last);
      last = now();
    },
    said: () => [...took].map(([phase, ms]) => `${phase} ${seconds(ms)}`).join(', '),
    total: () => last - began,
    ms: () => Object.fromEntries([...took].map(([phase, ms]) => [`${phase}Ms`, ms])),
  };
}

export const seconds = (ms: number): string => String(Math.round(ms / 100) / 10);
