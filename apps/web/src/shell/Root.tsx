import { Outlet } from '@tanstack/react-router';
import { Suspense, lazy } from 'react';
import { useMedia } from '../ui/use-media.ts';
import { useUi } from '../ui-state.ts';

const Toaster = lazy(() => import('sonner').then((module) => ({ default: module.Toaster })));

export function Root() {
  const theme = useUi((state) => state.theme);
  // At the bottom of a phone are the places, and the buttons of dialogs.
  const phone = useMedia('(max-width: 639px)');
  return (
    <>
      <Outlet />
      <Suspense fallback={null}>
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
      </Suspense>
    </>
  );
}
