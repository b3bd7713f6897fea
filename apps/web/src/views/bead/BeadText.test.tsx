import type { BeadRow } from '@gastown/protocol';
import { aBead } from '@gastown/protocol/testing';
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { renderToStaticMarkup } from 'react-dom/server';
import { expect, test } from 'vitest';
import { TownIdContext } from '../../shell/town-id.ts';
import { TextToCome, useBeadText } from './BeadText.tsx';
import { EditBead } from './EditBead.tsx';

/** What the page has asked for before, by the key that it asks with. */
function shown(children: React.ReactNode, asked: BeadRow | null = null): string {
  const client = new QueryClient();
  if (asked) client.setQueryData(['bead', 't', asked.id, asked.updatedAt], { bead: asked, why: null, about: null });
  return renderToStaticMarkup(
    <QueryClientProvider client={client}>
      <TownIdContext value="t">{children}</TownIdContext>
    </QueryClientProvider>,
  );
}
const Text = ({ bead }: { bead: BeadRow }) => <i>{useBeadText(bead).text ?? 'to come'}</i>;

test('a text that came with the bead is shown; one that was left out is what the town answers, of this state of the bead (P10)', () => {
  const answered = aBead({ body: 'from the town', updatedAt: 7 });
  expect(shown(<Text bead={aBead({ body: 'here' })} />, answered)).toBe('<i>here</i>');
  expect(shown(<Text bead={aBead({ body: '' })} />, answered)).toBe('<i></i>');
  expect(shown(<Text bead={aBead({ body: null, updatedAt: 7 })} />, answered)).toBe('<i>from the town</i>');
  expect(shown(<Text bead={aBead({ body: null, updatedAt: 8 })} />, answered)).toBe('<i>to come</i>');
});

test('while it is to come that is said, and when it does not come why, with a button', () => {
  const again = () => {};
  expect(shown(<TextToCome error={null} again={again} />)).toContain('Loading the text');
  const failed = shown(<TextToCome error={new Error('The server does not answer.')} again={again} />);
  expect(failed).toMatch(/role="alert".*The server does not answer\..*Try again/s);
});

test('nobody edits a bead whose text is not there yet: it would be overwritten with nothing', () => {
  const done = () => {};
  expect(shown(<EditBead bead={aBead({ body: null })} onDone={done} />)).not.toContain('<form');
});
