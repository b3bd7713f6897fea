import { Outlet } from '@tanstack/react-router';
import { Suspense, lazy } from 'react';
import { useUi } from '../ui-state.ts';

const Toaster = lazy(() => import('sonner').then((module) => ({ default: module.Toaster })));

export function Root() {
  const theme = useUi((state) => state.theme);
  return (
    <>
      <Outlet />
      <Suspense fallback={null}>
        <Toaster
          theme={theme}
          position="bottom-right"
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
