import { useRouter } from '@tanstack/react-router';
import { formatStack, parseStack, withoutDrawer, type DrawerRef } from '../drawers.ts';
import { useTownId } from './town-id.ts';

/** Leads away from an object that was removed: its drawer closes; from its own page it goes to where such objects are listed. */
export function useLeave(gone: DrawerRef, tab: string): () => void {
  const town = useTownId();
  const router = useRouter();
  return () => {
    const { pathname, search } = router.state.location;
    const ownPage = pathname.split('/').at(-1) === gone.id;
    const open = formatStack(withoutDrawer(parseStack((search as { open?: string }).open), gone));
    if (ownPage) void router.navigate({ to: '/t/$town/settings', params: { town }, search: { tab }, replace: true });
    else void router.navigate({ to: '.', search: (before: object) => ({ ...before, open, inner: undefined }), replace: true });
  };
}
