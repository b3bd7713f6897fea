/**
 * Lines of a file that nobody should bring, each as it stands in the file between two good ones. `verdict`: what becomes of it; `keeps`: what its bead has in the town.
 */
export interface HostileLine {
  readonly id: string;
  readonly line: string;
  readonly verdict: 'created' | 'skipped' | 'bad';
  readonly keeps?: { readonly title?: string; readonly body?: string };
}
const deep = (levels: number, open = '[', close = ']'): string => open.repeat(levels) + close.repeat(levels);
const bead = (more: string, id = 'evil'): string => `{"id":"${id}","title":"A"${more}}`;

export const HOSTILE_CASES: readonly HostileLine[] = [
  // JSON that is none, or that readers do not agree on.
  { id: 'cut', line: '{"id":"evil","title":"A', verdict: 'bad' },
  { id: 'two-on-a-line', line: `${bead('')}${bead('')}`, verdict: 'bad' },
  { id: 'comma-behind', line: bead(','), verdict: 'bad' },
  { id: 'comment', line: bead('/* */'), verdict: 'bad' },
  { id: 'not-a-number', line: bead(',"priority":NaN'), verdict: 'bad' },
  { id: 'mark-of-order-inside', line: `\ufeff\ufeff${bead('')}`, verdict: 'bad' },
  { id: 'separator-in-a-text', line: bead(',"description":"a\u2028b"'), verdict: 'created', keeps: { body: 'a\u2028b' } },
  { id: 'key-twice', line: '{"id":"other","title":"B","id":"evil","title":"A"}', verdict: 'created', keeps: { title: 'A' } },
  { id: 'key-twice-escaped', line: '{"title":"B","\\u0069d":"evil","titl\\u0065":"A"}', verdict: 'created', keeps: { title: 'A' } },
  { id: 'id-twice-bad-last', line: '{"id":"evil","title":"A","id":"../../x"}', verdict: 'bad' },
  // Depth and width.
  { id: 'deep-list', line: deep(100_000), verdict: 'bad' },
  { id: 'deep-object', line: `${'{"a":'.repeat(50_000)}1${'}'.repeat(50_000)}`, verdict: 'bad' },
  { id: 'deep-beside', line: bead(`,"x":${deep(100_000)}`), verdict: 'created' },
  { id: 'deep-metadata', line: bead(`,"metadata":${deep(100_000)}`), verdict: 'created' },
  { id: 'deep-title', line: `{"id":"evil","title":${deep(100_000)}}`, verdict: 'bad' },
  { id: 'deep-type', line: `{"_type":${deep(100_000)}}`, verdict: 'skipped' },
  { id: 'deep-label', line: bead(`,"labels":[${deep(100_000)}]`), verdict: 'bad' },
  { id: 'deep-status', line: bead(`,"status":${deep(100_000)}`), verdict: 'bad' },
  { id: 'deep-dependency', line: bead(`,"dependencies":[${deep(100_000)}]`), verdict: 'created' },
  {
    id: 'deep-dependency-type',
    line: bead(`,"dependencies":[{"issue_id":"evil","depends_on_id":"good-1","type":${deep(100_000)}}]`),
    verdict: 'created',
  },
  {
    id: 'deep-dependency-metadata',
    line: bead(`,"dependencies":[{"issue_id":"evil","depends_on_id":"good-1","type":"waits-for","metadata":${deep(100_000)}}]`),
    verdict: 'created',
  },
  {
    id: 'deep-failure',
    line: bead(
      `,"labels":["gt:failed"],"metadata":{"gastown":{"failed":{"code":"gate_failed","message":"x","details":{"a":${deep(100_000)}}}}}`,
    ),
    verdict: 'created',
  },
  { id: 'wide', line: bead(`,${Array.from({ length: 20_000 }, (_, at) => `"k${at}":1`).join(',')}`), verdict: 'created' },
  { id: 'wide-labels', line: bead(`,"labels":[${'"x",'.repeat(50_000)}"y"]`), verdict: 'bad' },
  // Prototypes.
  { id: 'proto', line: bead(',"__proto__":{"status":"closed","polluted":true}'), verdict: 'created' },
  { id: 'proto-as-id', line: '{"id":"__proto__","title":"A"}', verdict: 'bad' },
  { id: 'constructor-as-id', line: '{"id":"constructor","title":"A"}', verdict: 'created' },
  { id: 'constructor-as-kind', line: bead(',"issue_type":"constructor"'), verdict: 'created' },
  { id: 'constructor-as-status', line: bead(',"status":"constructor"'), verdict: 'created' },
  { id: 'to-string', line: bead(',"toString":1,"hasOwnProperty":1,"toJSON":1'), verdict: 'created' },
  // Numbers and times.
  { id: 'number-beyond', line: bead(',"priority":1e999'), verdict: 'bad' },
  { id: 'number-nearly', line: bead(',"priority":1.0000000000000002'), verdict: 'bad' },
  { id: 'number-nothing', line: bead(',"priority":-0'), verdict: 'created' },
  { id: 'number-beside', line: bead(`,"x":${'9'.repeat(5_000)}`), verdict: 'created' },
  { id: 'time-beyond', line: bead(',"created_at":"+275760-09-13T00:00:00.001Z"'), verdict: 'bad' },
  { id: 'time-of-day-none', line: bead(',"created_at":"2026-01-01T99:99:99Z"'), verdict: 'bad' },
  { id: 'time-long', line: bead(`,"created_at":"2026-01-01T00:00:00.${'0'.repeat(100_000)}Z"`), verdict: 'bad' },
  // Ids that lead elsewhere.
  { id: 'id-path', line: '{"id":"../../evil","title":"A"}', verdict: 'bad' },
  { id: 'id-option', line: '{"id":"--upload-pack=evil","title":"A"}', verdict: 'bad' },
  { id: 'id-line', line: '{"id":"evil\\nBead-ID: gt-1","title":"A"}', verdict: 'bad' },
  { id: 'id-of-a-merge', line: '{"id":"mr-00000001","title":"A","issue_type":"merge-request"}', verdict: 'created' },
  { id: 'id-long', line: `{"id":"${'x'.repeat(65)}","title":"A"}`, verdict: 'bad' },
  { id: 'id-other-letters', line: '{"id":"\u0435vil","title":"A"}', verdict: 'bad' },
  { id: 'id-unseen', line: '{"id":"ev\u200bil","title":"A"}', verdict: 'bad' },
  {
    id: 'waits-for-itself',
    line: bead(',"dependencies":[{"issue_id":"evil","depends_on_id":"evil","type":"blocks"}]'),
    verdict: 'created',
  },
  {
    id: 'waits-for-a-path',
    line: bead(',"dependencies":[{"issue_id":"evil","depends_on_id":"../../x","type":"blocks"}]'),
    verdict: 'created',
  },
  {
    id: 'waits-of-another',
    line: bead(',"dependencies":[{"issue_id":"good-1","depends_on_id":"good-2","type":"blocks"}]'),
    verdict: 'created',
  },
  // Texts.
  {
    id: 'title-on-a-terminal',
    line: bead('', 'x').replace('"A"', '"\\u001b[2JA\\u0007"').replace('"x"', '"evil"'),
    verdict: 'created',
    keeps: { title: '[2JA' },
  },
  { id: 'title-turned-around', line: '{"id":"evil","title":"a\\u202eb"}', verdict: 'created', keeps: { title: 'a b' } },
  { id: 'title-unseen', line: '{"id":"evil","title":"\\u200b\\u2060\\ufeff"}', verdict: 'bad' },
  { id: 'title-half-a-character', line: '{"id":"evil","title":"a\\ud800"}', verdict: 'created', keeps: { title: 'a\ufffd' } },
  { id: 'body-clipboard', line: bead(',"description":"a\\u001b]52;c;ZXZpbA==\\u0007b"'), verdict: 'created', keeps: { body: 'ab' } },
  { id: 'body-in-tags', line: bead(',"description":"a\\udb40\\udc69\\udb40\\udc67b"'), verdict: 'created', keeps: { body: 'ab' } },
  { id: 'body-nul', line: bead(',"description":"a\\u0000b"'), verdict: 'created', keeps: { body: 'ab' } },
];
