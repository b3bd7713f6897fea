import { Dialog } from '@base-ui/react/dialog';
import { X } from 'lucide-react';
import { useRef, type ReactNode } from 'react';
import { cx } from './cx.ts';

/** A centred dialog; on a phone it rises from the bottom edge. */
export function Modal({
  title,
  open,
  onClose,
  children,
  wide,
  bare,
}: {
  title: string;
  open: boolean;
  onClose: () => void;
  children: ReactNode;
  wide?: boolean;
  bare?: boolean;
}) {
  const popup = useRef<HTMLDivElement>(null);
  return (
    <Dialog.Root
      open={open}
      onOpenChange={(next) => {
        if (!next) onClose();
      }}
    >
      <Dialog.Portal>
        <Dialog.Backdrop className="fade fixed inset-0 z-40 bg-black/30 dark:bg-black/60" />
        <Dialog.Popup
          ref={popup}
          data-modal
          initialFocus={() => popup.current?.querySelector<HTMLElement>('[data-first]') ?? true}
          className={cx(
            'fade fixed inset-x-0 z-50 mx-auto flex max-h-[85dvh] w-full flex-col overflow-hidden border border-line bg-raised shadow-pop max-sm:bottom-0 max-sm:rounded-t-xl sm:top-[12dvh] sm:rounded-xl',
            wide ? 'sm:max-w-2xl' : 'sm:max-w-lg',
          )}
        >
          {bare ? (
            <Dialog.Title className="sr-only">{title}</Dialog.Title>
          ) : (
            <header className="flex h-12 shrink-0 items-center justify-between border-b border-line pr-2 pl-4">
              <Dialog.Title className="text-sm font-semibold">{title}</Dialog.Title>
              <Dialog.Close
                aria-label="Close"
                className="inline-flex size-8 items-center justify-center rounded-md text-muted hover:bg-hover hover:text-fg"
              >
                <X size={16} />
              </Dialog.Close>
            </header>
          )}
          <div className={cx('min-h-0 overflow-y-auto', !bare && 'p-4')}>{children}</div>
        </Dialog.Popup>
      </Dialog.Portal>
    </Dialog.Root>
  );
}
