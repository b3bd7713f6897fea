/**
 * Whether the person is at this terminal: they opened it, or pressed or typed in it, and did nothing elsewhere since.
 * One that opens late (its agent was starting) takes the focus from nobody who went on to something else.
 */
export interface Attending {
  readonly here: () => boolean;
  readonly end: () => void;
}

export function attend(
  page: Pick<Document, 'addEventListener' | 'removeEventListener'>,
  isMine: (target: EventTarget | null) => boolean,
): Attending {
  let here = true;
  const note = ({ target }: Event): void => {
    here = isMine(target);
  };
  for (const deed of DEEDS) page.addEventListener(deed, note, EARLY);
  return {
    here: () => here,
    end: () => {
      for (const deed of DEEDS) page.removeEventListener(deed, note, EARLY);
    },
  };
}
const DEEDS = ['pointerdown', 'keydown'] as const;
/** Before anything on the page can keep it to itself. */
const EARLY = { capture: true };
