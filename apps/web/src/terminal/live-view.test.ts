import { expect, it } from 'vitest';
import { noLiveView } from './live-view.ts';

const kinds = [
  { id: 'kilo', label: 'Kilo CLI', liveView: true },
  { id: 'codex', label: 'Codex', liveView: false },
];

it('a program without a screen of its own says so; one that has it, and one that nobody here knows, is offered', () => {
  expect(noLiveView(kinds, { agentKind: 'codex' })).toBe('Codex has no screen of its own: use the shell, or read the transcript.');
  expect(noLiveView(kinds, { agentKind: 'kilo' })).toBeNull();
  expect(noLiveView(kinds, { agentKind: 'somebody-elses' })).toBeNull();
  expect(noLiveView(kinds, undefined)).toBeNull();
});
