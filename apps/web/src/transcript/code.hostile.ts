/** Blocks of code as an agent may write them: the page colours them with HTML of its own making. */
export interface HostileCode {
  readonly id: string;
  readonly language: string;
  readonly code: string;
}

const EVIL = '</span></code></pre><script>alert(1)</script><img src=x onerror=alert(1)>';
export const HOSTILE_CASES: readonly HostileCode[] = [
  ...['ts', 'tsx', 'json', 'bash', 'diff', 'python', 'go', 'rust', 'css', 'html', 'yaml', 'sql', 'markdown'].map((language) => ({
    id: `html-in-${language}`,
    language,
    code: EVIL,
  })),
  { id: 'html-in-a-string', language: 'ts', code: `const a = "${EVIL}"; // ${EVIL}` },
  { id: 'html-in-a-template', language: 'tsx', code: `<a href="javascript:alert(1)" title='${EVIL}'>{\`${EVIL}\`}</a>` },
  { id: 'entities', language: 'html', code: '&lt;script&gt;alert(1)&lt;/script&gt; &#60;img src=x&#62;' },
  { id: 'style', language: 'css', code: '</style><style>*{background:url(https://evil.example)}' },
  { id: 'nul', language: 'ts', code: `a\0${EVIL}` },
  { id: 'half-a-character', language: 'ts', code: `\ud800${EVIL}` },
  { id: 'none', language: 'mermaid', code: EVIL },
  { id: 'name-path', language: '../../evil', code: EVIL },
  { id: 'name-proto', language: '__proto__', code: EVIL },
  { id: 'name-constructor', language: 'constructor', code: EVIL },
  { id: 'name-to-string', language: 'toString', code: EVIL },
  { id: 'name-has-own', language: 'hasOwnProperty', code: EVIL },
  { id: 'name-long', language: 'x'.repeat(10_000), code: EVIL },
];
