/**
 * How many ms have passed since it was made, by a clock that may be set back meanwhile: then time stands still for a moment, where a difference of two readings would say for hours that it is too early.
 * The platform has no clock that is never set.
 */
export function startStopwatch(now: () => number): () => number {
  let last = now();
  let passed = 0;
  return () => {
    const reading = now();
    passed += Math.max(0, reading - last);
    last = reading;
    return passed;
  };
}
