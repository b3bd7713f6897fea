import { Link } from '@tanstack/react-router';
import { placesIn } from '../navigation.ts';
import { useTownId } from '../shell/town-id.ts';

/** What to do, as the town says it; the places that it names are links. */
export function StepText({ children }: { children: string }) {
  const town = useTownId();
  return placesIn(children).map(({ text, tab }, at) =>
    tab === null ? (
      text
    ) : (
      <Link
        key={at}
        to="/t/$town/settings"
        params={{ town }}
        search={{ tab }}
        className="underline decoration-line-strong underline-offset-3 hover:decoration-current"
      >
        {text}
      </Link>
    ),
  );
}
