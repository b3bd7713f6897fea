import { Children, isValidElement, type ReactNode } from 'react';
import { defaultRemarkPlugins, Streamdown, type Components } from 'streamdown';
import { drawerOfId } from '../drawers.ts';
import { ObjectLink } from '../ui/ObjectLink.tsx';
import { CodeBlock } from './CodeBlock.tsx';
import { elsewhere } from './elsewhere.ts';
import { refuseDeep } from './tangled.ts';

/**
 * The only door to streamdown (not yet 1.0 in its promises). Its HTML is sanitised; images are shown as links, so that no text of an agent makes the
 * browser fetch anything.
 */
const PARTS: Components = {
  img: ({ src, alt }) => <SafeLink href={typeof src === 'string' ? src : undefined}>{alt || 'image'}</SafeLink>,
  a: ({ href, children }) => <SafeLink href={href}>{children}</SafeLink>,
  code: ({ className, children }) => (
    <CodeBlock code={textOf(children).replace(/\n$/, '')} language={/language-([\w+-]+)/.exec(className ?? '')?.[1] ?? 'text'} />
  ),
  inlineCode: ({ children }) => <Inline>{children}</Inline>,
  // Agents begin with any level; the page's outline (a heading below its own, WCAG 1.3.1) is not theirs to break.
  h1: ({ children }) => <h2 className="text-lg">{children}</h2>,
  h2: ({ children }) => <h2>{children}</h2>,
  h3: ({ children }) => <h2 className="!text-base">{children}</h2>,
  h4: ({ children }) => <h2 className="!text-base">{children}</h2>,
  h5: ({ children }) => <h2 className="!text-base">{children}</h2>,
  h6: ({ children }) => <h2 className="!text-base">{children}</h2>,
  strong: ({ children }) => <strong>{children}</strong>,
  table: ({ children }) => <table>{children}</table>,
};

const REMARK = [refuseDeep, ...Object.values(defaultRemarkPlugins)];

/** An id of the town in a message is a link to what it names. */
function Inline({ children }: { children?: ReactNode }) {
  const at = drawerOfId(textOf(children));
  return at ? (
    <ObjectLink at={at}>
      <code>{children}</code>
    </ObjectLink>
  ) : (
    <code>{children}</code>
  );
}

/** One whose words name another address says where it goes. */
function SafeLink({ href, children }: { href: string | undefined; children: ReactNode }) {
  if (!href || !/^(https?:|mailto:|#)/i.test(href)) return <span>{children}</span>;
  const to = elsewhere(textOf(children), href);
  return (
    <>
      <a href={href} target="_blank" rel="noopener noreferrer nofollow">
        {children}
      </a>
      {to !== null && <bdi className="text-muted"> ({to})</bdi>}
    </>
  );
}

function textOf(children: ReactNode): string {
  return Children.toArray(children)
    .map((child) =>
      typeof child === 'string'
        ? child
        : isValidElement<{ children?: ReactNode; alt?: string }>(child)
          ? (child.props.alt ?? textOf(child.props.children))
          : '',
    )
    .join('');
}

export function RichText({ text, live }: { text: string; live: boolean }) {
  return (
    <Streamdown
      className="md"
      components={PARTS}
      remarkPlugins={REMARK}
      mode={live ? 'streaming' : 'static'}
      parseIncompleteMarkdown={live}
      controls={false}
      linkSafety={{ enabled: false }}
    >
      {text}
    </Streamdown>
  );
}
