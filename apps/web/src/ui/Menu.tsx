import { Menu as Base } from '@base-ui/react/menu';
import type { ReactElement, ReactNode } from 'react';
import { cx } from './cx.ts';

const ITEM = 'flex h-8 cursor-default items-center gap-2 rounded-md px-2 text-sm outline-none select-none data-highlighted:bg-hover data-disabled:opacity-50';

export function Menu({ trigger, children }: { trigger: ReactElement<Record<string, unknown>>; children: ReactNode }) {
  return (
    <Base.Root>
      <Base.Trigger render={trigger} />
      <Base.Portal>
        <Base.Positioner sideOffset={6} align="end" className="z-50">
          <Base.Popup className="fade min-w-44 rounded-lg border border-line bg-raised p-1 shadow-pop outline-none">{children}</Base.Popup>
        </Base.Positioner>
      </Base.Portal>
    </Base.Root>
  );
}

export function MenuItem({ icon, onSelect, children, danger }: { icon?: ReactNode; onSelect: () => void; children: ReactNode; danger?: boolean }) {
  return <Base.Item className={cx(ITEM, danger && 'text-failed')} onClick={onSelect}><span className="text-muted">{icon}</span>{children}</Base.Item>;
}

export function MenuChoice<T extends string>({ value, options, onChange }: { value: T; options: readonly { value: T; label: string; icon: ReactNode }[]; onChange: (value: T) => void }) {
  return (
    <Base.RadioGroup value={value} onValueChange={onChange}>
      {options.map((option) => (
        <Base.RadioItem key={option.value} value={option.value} closeOnClick className={cx(ITEM, 'data-checked:font-medium')}>
          <span className="text-muted">{option.icon}</span>
          <span className="flex-1">{option.label}</span>
          <Base.RadioItemIndicator aria-hidden>✓</Base.RadioItemIndicator>
        </Base.RadioItem>
      ))}
    </Base.RadioGroup>
  );
}
