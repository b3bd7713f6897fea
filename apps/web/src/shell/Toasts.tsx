import type { CSSProperties } from 'react';
import { Toaster } from 'sonner';
import { useUi } from '../ui-state.ts';

const WIDTH = { '--width': '320px' } as CSSProperties;
/** How high they stand is decided in `styles.css`, which knows what is fixed below them. */
const BOTTOM = 'var(--toast-bottom)';

/** Where short words appear: over what scrolls, and never over what stands fast below it. What scrolls has room at its end (`toast-room`). */
export function Toasts() {
  const theme = useUi((state) => state.theme);
  return (
    <Toaster
      theme={theme}
      position="bottom-right"
      offset={{ bottom: BOTTOM, right: 16 }}
      mobileOffset={{ bottom: BOTTOM, left: 12, right: 12 }}
      style={WIDTH}
      closeButton
      duration={5_000}
      toastOptions={{
        className: '!font-sans !bg-raised !text-fg !border-line-strong !shadow-pop !rounded-lg',
        descriptionClassName: '!text-muted',
      }}
    />
  );
}
