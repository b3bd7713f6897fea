import { Outlet } from '@tanstack/react-router';
import { Toaster } from 'sonner';
import { useUi } from '../ui-state.ts';

export function Root() {
  const theme = useUi((state) => state.theme);
  return (
    <>
      <Outlet />
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
    </>
  );
}
