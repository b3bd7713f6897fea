import type { ReactNode } from 'react';
import { Link } from '@tanstack/react-router';
import { Refused } from '../api.ts';
import { Button, buttonClass } from './Button.tsx';

/** The bad days of a page: empty, loading, refused. Each says what is so and what to do next. */
export function Notice({
  title,
  children,
  action,
  heading = false,
}: {
  title: string;
  children?: ReactNode;
  action?: ReactNode;
  heading?: boolean;
}) {
  const Title = heading ? 'h1' : 'p';
  return (
    <div className="fade mx-auto flex max-w-sm flex-col items-center gap-2 px-6 py-16 text-center">
      <Title className="text-base font-medium">{title}</Title>
      {children && <div className="text-sm text-muted">{children}</div>}
      {action && <div className="mt-2 flex gap-2">{action}</div>}
    </div>
  );
}

/** `page`: it stands for a whole page, so it has the page's heading too. */
export function Loading({ what, page = false }: { what: string; page?: boolean }) {
  return (
    <output aria-label={`Loading ${what}`} className="flex flex-col gap-3 p-4 sm:p-6">
      {page && <h1 className="sr-only">Loading</h1>}
      {[72, 56, 64, 40].map((width) => (
        <span key={width} className="block h-4 animate-pulse rounded bg-active" style={{ width: `${width}%` }} />
      ))}
    </output>
  );
}

function SignInNeeded() {
  return (
    <div className="flex min-h-full items-center justify-center">
      <Notice
        heading
        title="Sign in to Gastown"
        action={
          <Button kind="primary" onClick={() => location.reload()}>
            I have opened the link
          </Button>
        }
      >
        <p>This browser has no session. In the folder of the project, run</p>
        <code className="my-3 block rounded-md border border-line bg-sunken px-3 py-2 text-fg">./gastown link</code>
        <p>and open the address it prints. The link works once.</p>
      </Notice>
    </div>
  );
}

/** A page that has nothing but its state: the landmark around it. */
export const Screen = ({ children }: { children: ReactNode }) => <main className="min-h-full">{children}</main>;

export function NotFound({ what = 'page', children }: { what?: string; children?: ReactNode }) {
  return (
    <Notice
      heading
      title={`There is no such ${what}`}
      action={
        <Link to="/" className={buttonClass()}>
          All towns
        </Link>
      }
    >
      {children ?? 'It may have been deleted, or the address is wrong.'}
    </Notice>
  );
}

/** The screen for a refused request; `retry` asks again. */
export function Problem({ error, retry }: { error: unknown; retry: () => void }) {
  const answer = error instanceof Refused ? error.answer : null;
  if (answer?.status === 401) return <SignInNeeded />;
  if (answer?.status === 404 || answer?.status === 410) return <NotFound what="town">{answer.failure.message}</NotFound>;
  if (answer?.status === 403)
    return (
      <Notice
        heading
        title="You may not see this"
        action={
          <Link to="/" className={buttonClass()}>
            All towns
          </Link>
        }
      >
        {answer.failure.message} {answer.next}
      </Notice>
    );
  const title = answer?.unanswered ? 'The town cannot answer right now' : 'This page broke';
  return (
    <Notice
      heading
      title={title}
      action={
        <Button kind="primary" onClick={retry}>
          Try again
        </Button>
      }
    >
      <p role="alert">
        {answer ? answer.failure.message : error instanceof Error ? error.message : 'Something broke that should not break.'}
      </p>
      {answer && <p>{answer.next}</p>}
      {answer?.unanswered && <p>The page keeps trying by itself.</p>}
    </Notice>
  );
}
