/** What may come over a socket from a browser, a runner or an agent's machine and is no frame of ours: each is refused, whoever is asked. */
export interface HostileFrame {
  readonly id: string;
  readonly frame: string | ArrayBuffer;
}
const deep = (levels: number): string => '['.repeat(levels) + ']'.repeat(levels);
const RUN = '"runId":"run-000000000001","generation":1';
const item = (more: string): string => `{"t":"item","seq":1,"item":{"id":"a","runId":"run-1","at":1,${more}}}`;
const report = (more: string): string => `{"t":"report","seq":1,"report":{${more}}}`;

export const HOSTILE_CASES: readonly HostileFrame[] = [
  { id: 'nothing', frame: '' },
  { id: 'bytes', frame: new TextEncoder().encode('{"t":"hello"}').buffer as ArrayBuffer },
  { id: 'cut', frame: '{"t":"hel' },
  { id: 'two', frame: '{"t":"hello"}{"t":"hello"}' },
  { id: 'null', frame: 'null' },
  { id: 'number', frame: '1e999' },
  { id: 'list', frame: '[{"t":"hello","rev":null,"epoch":null}]' },
  { id: 'deep', frame: deep(100_000) },
  { id: 'deep-kind', frame: `{"t":${deep(100_000)}}` },
  { id: 'longer-than-any', frame: `{"t":"hello","x":"${'x'.repeat(8_000_000)}"}` },
  { id: 'kind-proto', frame: '{"t":"__proto__"}' },
  { id: 'kind-constructor', frame: '{"t":"constructor"}' },
  { id: 'proto', frame: '{"__proto__":{"t":"hello","rev":null,"epoch":null}}' },
  { id: 'of-the-town', frame: '{"t":"bye","failure":{"code":"internal","message":"x"}}' },
  { id: 'of-the-town-token', frame: '{"t":"credential","askId":"a","token":"x"}' },
  { id: 'rev-below', frame: '{"t":"watch","rev":-1,"limit":10}' },
  { id: 'rev-text', frame: '{"t":"hello","rev":"1","epoch":null}' },
  { id: 'rev-beyond', frame: '{"t":"watch","rev":1e21,"limit":1}' },
  { id: 'limit-all', frame: '{"t":"watch","rev":0,"limit":1000000000}' },
  {
    id: 'generation-none',
    frame: '{"t":"call","callId":"c","runId":"run-000000000001","generation":0,"tool":"prime","args":{},"evidence":null}',
  },
  { id: 'run-of-sql', frame: `{"t":"call","callId":"c","runId":"' OR 1=1","generation":1,"tool":"prime","args":{},"evidence":null}` },
  { id: 'tool-none', frame: `{"t":"call","callId":"c",${RUN},"tool":"__proto__","args":{},"evidence":null}` },
  {
    id: 'tool-arguments-deep',
    frame: `{"t":"call","callId":"c",${RUN},"tool":"checkpoint","args":{"data":${deep(50_000)}},"evidence":null}`,
  },
  { id: 'call-without-end', frame: `{"t":"call","callId":"${'c'.repeat(65)}",${RUN},"tool":"prime","args":{},"evidence":null}` },
  {
    id: 'evidence-of-another-kind',
    frame: `{"t":"call","callId":"c",${RUN},"tool":"done","args":{},"evidence":{"branch":"x","headCommit":"--all","ahead":1,"commits":[]}}`,
  },
  { id: 'report-zero', frame: '{"t":"report","seq":0,"report":{"kind":"renew","runs":[]}}' },
  { id: 'report-of-nothing', frame: report('"kind":"landed"') },
  {
    id: 'report-commit',
    frame: report(
      '"kind":"outcome","effectId":"ef-000000000001","outcome":{"state":"succeeded","value":{"kind":"landed","mergeCommit":"HEAD"}}',
    ),
  },
  { id: 'report-status-long', frame: report(`"kind":"status",${RUN},"statusLine":"${'x'.repeat(121)}"`) },
  {
    id: 'renew-all',
    frame: report(`"kind":"renew","runs":[${Array.from({ length: 201 }, () => `{${RUN},"lastActivityAt":1}`).join(',')}]`),
  },
  { id: 'door-path', frame: '{"t":"door","askId":"a","pool":"../../x"}' },
  { id: 'item-none', frame: item('"kind":"script","text":"x"') },
  {
    id: 'item-input-deep',
    frame: item(
      `"kind":"tool","tool":"x","title":"x","state":"running","input":${deep(50_000)},"output":null,"answer":null,"endedAt":null`,
    ),
  },
  { id: 'item-text-object', frame: item('"kind":"assistant","text":{"toString":"x"}') },
  { id: 'terminal-size', frame: '{"t":"size","cols":1000000,"rows":1000000}' },
];
