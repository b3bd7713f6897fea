import { useEffect, useState } from 'react';
import { ScrollBox } from '../ui/ScrollBox.tsx';

/** Code as text at once; colours come when the highlighter has loaded. */
export function CodeBlock({ code, language }: { code: string; language: string }) {
  const [html, setHtml] = useState<string | null>(null);
  useEffect(() => {
    let current = true;
    void import('./highlight.ts')
      .then((module) => module.highlight(code, language))
      .then((coloured) => {
        if (current) setHtml(coloured);
      });
    return () => {
      current = false;
    };
  }, [code, language]);
  if (html) return <div className="my-2" dangerouslySetInnerHTML={{ __html: html }} />;
  return (
    <ScrollBox className="my-2">
      <code>{code}</code>
    </ScrollBox>
  );
}
