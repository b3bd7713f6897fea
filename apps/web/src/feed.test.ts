import { describe, expect, it } from 'vitest';
import { EventRow } from '@gastown/protocol';
import { sentence } from './feed.ts';

const event = (type: string, after: string | null = null, data = {}) =>
  EventRow.parse({ id: 1, at: 1, type, beadId: null, agentId: null, actor: 'You', before: null, after, data });

describe('the feed (UI-12)', () => {
  it('puts the object of a move inside the sentence', () => {
    expect(sentence(event('status_changed', 'in_review'))).toEqual({ verb: 'moved', tail: 'to in review' });
    expect(sentence(event('status_changed', 'failed'))).toEqual({ verb: 'gave up on', tail: '' });
  });

  it('names the repository when the event does', () => {
    expect(sentence(event('rig_ready', null, { name: 'shop' })).tail).toBe('shop');
    expect(sentence(event('rig_ready')).tail).toBe('the repository');
  });

  it('writes an event that it does not know in plain words', () => {
    expect(sentence(event('rework_requested', 'in_progress'))).toEqual({ verb: 'rework requested', tail: 'in progress' });
  });
});
