import { expect, test } from 'vitest';
import { attend } from './attending.ts';

const page = () => new EventTarget() as unknown as Document;
const elsewhere = () => false;

test('who opened a terminal is at it, until they press or type elsewhere (WS-9)', () => {
  for (const deed of ['pointerdown', 'keydown']) {
    const document = page();
    const attending = attend(document, elsewhere);
    expect(attending.here()).toBe(true);
    document.dispatchEvent(new Event(deed));
    expect(attending.here()).toBe(false);
  }
});

test('a press in it brings the person back to it, a press in it alone does not lose them (WS-9)', () => {
  const document = page();
  let inside = false;
  const attending = attend(document, () => inside);
  document.dispatchEvent(new Event('keydown'));
  inside = true;
  document.dispatchEvent(new Event('pointerdown'));
  expect(attending.here()).toBe(true);
});

test('after its end it hears nothing', () => {
  const document = page();
  const attending = attend(document, elsewhere);
  attending.end();
  document.dispatchEvent(new Event('keydown'));
  expect(attending.here()).toBe(true);
});
