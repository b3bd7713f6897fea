import { expect, test, vi } from 'vitest';
import { keepKeys } from './keep-keys.ts';

/** A page on which `at` has the focus. */
function page() {
  const document = new EventTarget() as unknown as Document;
  const look = { at: 'terminal' as 'terminal' | 'nowhere' | 'field' };
  const takeFocus = vi.fn<() => void>(() => (look.at = 'terminal'));
  const end = keepKeys(document, { isMine: () => look.at === 'terminal', isNowhere: () => look.at === 'nowhere', takeFocus });
  const happens = (name: string) => {
    const event = new Event(name);
    const stopped = vi.spyOn(event, 'stopPropagation');
    document.dispatchEvent(event);
    return stopped.mock.calls.length > 0;
  };
  return { look, takeFocus, happens, end };
}

test('what is typed into a terminal that has just ended is no key of the page (WS-9)', () => {
  const { look, takeFocus, happens } = page();
  happens('focusin');
  expect(happens('keydown')).toBe(false);
  look.at = 'nowhere';
  expect(happens('keydown')).toBe(true);
  expect(takeFocus).toHaveBeenCalledOnce();
});

test('who was never in it, or went on to something else, has the keys of the page', () => {
  const { look, takeFocus, happens } = page();
  look.at = 'nowhere';
  expect(happens('keydown')).toBe(false);
  look.at = 'terminal';
  happens('pointerdown');
  look.at = 'nowhere';
  happens('pointerdown');
  expect(happens('keydown')).toBe(false);
  look.at = 'terminal';
  happens('focusin');
  look.at = 'field';
  happens('focusin');
  look.at = 'nowhere';
  expect(happens('keydown')).toBe(false);
  expect(takeFocus).not.toHaveBeenCalled();
});

test('a page without a terminal keeps nothing', () => {
  const { look, happens, end } = page();
  happens('focusin');
  end();
  look.at = 'nowhere';
  expect(happens('keydown')).toBe(false);
});
