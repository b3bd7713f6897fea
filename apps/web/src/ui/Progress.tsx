/** Without colour the failed part is the striped one. */
const STRIPES = 'repeating-linear-gradient(135deg, var(--bg) 0 1.5px, transparent 1.5px 4px)';

/** How much of a whole is done, with what failed at its end. */
export function Progress({ done, failed = 0, total, label }: { done: number; failed?: number; total: number; label: string }) {
  const share = (part: number) => `${total === 0 ? 0 : (part / total) * 100}%`;
  return (
    <span
      // oxlint-disable-next-line jsx-a11y/prefer-tag-over-role -- it has two parts, which `progress` cannot draw
      role="progressbar"
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={total}
      aria-valuenow={done}
      aria-valuetext={`${done} of ${total} done${failed > 0 ? `, ${failed} failed` : ''}`}
      className="flex h-1.5 w-full overflow-hidden rounded-full bg-active"
    >
      <span className="h-full bg-working" style={{ width: share(done) }} />
      <span className="h-full bg-failed" style={{ width: share(failed), backgroundImage: STRIPES }} />
    </span>
  );
}
