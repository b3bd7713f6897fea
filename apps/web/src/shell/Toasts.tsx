import { Toaster } from 'sonner';
import { useMedia } from '../ui/use-media.ts';
import { useUi } from '../ui-state.ts';

/** Where short words appear: on a phone at the top, since at its bottom are the places and the buttons of dialogs. */
export function Toasts() {
  const theme = useUi((state) => state.theme);
  const phone = useMedia('(max-width: 639px)');
  return (
    <Toaster
      theme={theme}
      position={phone ? 'top-center' : 'bottom-right'}
      mobileOffset={{ top: 56, left: 12, right: 12 }}
      closeButton
      duration={5_000}
      toastOptions={{
        className: '!font-sans !bg-raised !text-fg !border-line-strong !shadow-pop !rounded-lg',
        descriptionClassName: '!text-muted',
      }}
    />
  );
}
