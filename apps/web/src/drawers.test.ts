import { describe, expect, it } from 'vitest';
import { formatStack, parseStack, popDrawer, pushDrawer, withoutDrawer } from './drawers.ts';
import { formatSearch, parseSearch } from './search.ts';

describe('drawers in the URL (UI-5)', () => {
  it('reads back the stack that it wrote, in order', () => {
    const stack = pushDrawer(pushDrawer([], { kind: 'bead', id: 'gt-1a2b3c4d' }), { kind: 'agent', id: 'ag-00000002' });
    expect(formatStack(stack)).toBe('bead:gt-1a2b3c4d,agent:ag-00000002');
    expect(parseStack(formatStack(stack))).toEqual(stack);
  });

  it('comes back to an open drawer instead of opening it twice', () => {
    const stack = parseStack('bead:gt-1,agent:ag-1,merge:mr-1');
    expect(formatStack(pushDrawer(stack, { kind: 'bead', id: 'gt-1' }))).toBe('bead:gt-1');
  });

  it('unstacks one at a time and leaves no empty parameter', () => {
    const stack = parseStack('bead:gt-1,agent:ag-1');
    expect(formatStack(popDrawer(stack))).toBe('bead:gt-1');
    expect(formatStack(popDrawer(popDrawer(stack)))).toBeUndefined();
  });

  it('takes what was removed out of the stack, wherever it lies in it', () => {
    const stack = parseStack('bead:gt-1,runner:rn-1,agent:ag-1');
    expect(formatStack(withoutDrawer(stack, { kind: 'runner', id: 'rn-1' }))).toBe('bead:gt-1,agent:ag-1');
    expect(formatStack(withoutDrawer(parseStack('runner:rn-1'), { kind: 'runner', id: 'rn-1' }))).toBeUndefined();
  });

  it('drops what is not a drawer', () => {
    expect(parseStack('nonsense,bead:,bead:a:b,script:x,bead:<b>,bead:gt-1')).toEqual([{ kind: 'bead', id: 'gt-1' }]);
    expect(parseStack(undefined)).toEqual([]);
  });

  it('keeps the address readable', () => {
    expect(formatSearch({ open: 'bead:gt-1,agent:ag-1', q: 'a b&c', rig: undefined })).toBe('?open=bead:gt-1,agent:ag-1&q=a+b%26c');
    expect(parseSearch('?open=bead:gt-1,agent:ag-1&q=a+b%26c')).toEqual({ open: 'bead:gt-1,agent:ag-1', q: 'a b&c' });
  });
});
