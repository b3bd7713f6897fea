/**
 * A terminal that ends while somebody types in it takes the focus with it. What is typed then was for the terminal: it goes nowhere, and above all it is no key of the
 * page. The region of the terminal takes the focus instead, until the person goes on to something else.
 */
interface Region {
  readonly isMine: (target: EventTarget | null) => boolean;
  /** Nothing on the page has the focus. */
  readonly isNowhere: (target: EventTarget | null) => boolean;
  readonly takeFocus: () => void;
}

export function keepKeys(page: Pick<Document, 'addEventListener' | 'removeEventListener'>, region: Region): () => void {
  let wasMine = false;
  const note = ({ target }: Event): void => {
    wasMine = region.isMine(target);
  };
  const key = (event: Event): void => {
    if (!wasMine || !region.isNowhere(event.target)) return;
    event.stopPropagation();
    region.takeFocus();
  };
  for (const deed of DEEDS) page.addEventListener(deed, note, EARLY);
  page.addEventListener('keydown', key, EARLY);
  return () => {
    for (const deed of DEEDS) page.removeEventListener(deed, note, EARLY);
    page.removeEventListener('keydown', key, EARLY);
  };
}
const DEEDS = ['pointerdown', 'focusin'] as const;
/** Before the keys of the page see it. */
const EARLY = { capture: true };
