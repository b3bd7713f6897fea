import { useEffect, useState } from 'react';

/** Code as text at once; colours come when the highlighter has loaded. */
export function CodeBlock({ code, language }: { code: string; language: string }) {
  const [html, setHtml] = useState<string | null>(null);
  useEffect(() => {
    let current = true;
    void import('./highlight.ts').then((module) => module.highlight(code, language)).then((done) => { if (current) setHtml(done); });
    return () => { current = false; };
  }, [code, language]);
  if (html) return <div className="my-2" dangerouslySetInnerHTML={{ __html: html }} />;
  return <pre className="code my-2" tabIndex={0}><code>{code}</code></pre>;
}
