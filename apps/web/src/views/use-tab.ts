import { useLocation, useNavigate } from '@tanstack/react-router';

export const AGENT_TABS = ['transcript', 'terminal', 'live', 'work', 'mail'] as const;
/** `terminal` is its shell, `live` the other half of the same tab. */
export type AgentTab = (typeof AGENT_TABS)[number];

/**
 * What is looked at of an agent is in the address, so that a reload comes back to it: that of its own page as `view`, that of the drawer on top as `inner`. A page keeps
 * its own while drawers come and go over it.
 */
export function useAgentTab(page: boolean): readonly [AgentTab, (tab: AgentTab) => void] {
  const name = page ? 'view' : 'inner';
  const navigate = useNavigate();
  const given = useLocation({ select: (location) => (location.search as Record<string, string | undefined>)[name] });
  const put = (tab: AgentTab) =>
    void navigate({
      to: '.',
      search: (before: object) => ({ ...before, [name]: tab === 'transcript' ? undefined : tab }),
      state: (before) => before,
      replace: true,
      resetScroll: false,
    });
  return [tabIn(given), put];
}

export const tabIn = (text: string | undefined): AgentTab => AGENT_TABS.find((tab) => tab === text) ?? 'transcript';
