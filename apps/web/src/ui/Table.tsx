import type { ReactNode } from 'react';
import { cx } from './cx.ts';

/** A table of figures or lines: hairlines, the head stays; it scrolls sideways in itself when it must, never the page. */
export function Table({
  label,
  head,
  children,
  className,
}: {
  label: string;
  head: readonly Head[];
  children: ReactNode;
  className?: string;
}) {
  return (
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- what scrolls must be reachable by keyboard (WCAG 2.1.1)
    <section aria-label={label} tabIndex={0} className={cx('-mx-1.5 overflow-auto px-1.5', className)}>
      <table className="w-full border-collapse text-sm">
        <thead>
          <tr className="border-b border-line">
            {head.map(({ name, right, hide }) => (
              <th
                key={name}
                scope="col"
                className={cx(
                  'sticky top-0 z-[1] bg-bg py-1.5 pr-4 text-xs font-medium whitespace-nowrap text-muted last:pr-0',
                  right ? 'text-right' : 'text-left',
                  hide && 'max-sm:hidden',
                )}
              >
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>{children}</tbody>
      </table>
    </section>
  );
}
export interface Head {
  readonly name: string;
  readonly right?: boolean;
  /** Not on a phone. */
  readonly hide?: boolean;
}

export const Cell = ({
  children,
  right,
  hide,
  className,
}: {
  children: ReactNode;
  right?: boolean;
  hide?: boolean;
  className?: string;
}) => <td className={cx('py-2 pr-4 align-baseline last:pr-0', right && 'text-right', hide && 'max-sm:hidden', className)}>{children}</td>;
