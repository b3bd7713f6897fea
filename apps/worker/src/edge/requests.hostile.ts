/** Requests of strangers, of other sites, and bodies that nobody should send. `code`: with which failure each is answered. */
export interface HostileRequest {
  readonly id: string;
  readonly code: string;
  readonly headers?: Record<string, string>;
  readonly body?: string;
}
const command = (more: string): string => `{"key":"key-of-a-hostile-case","command":${more}}`;
const deep = (open: string, close: string, levels: number): string => open.repeat(levels) + close.repeat(levels);
const OWN = 'http://town.test';

export const HOSTILE_CASES: readonly HostileRequest[] = [
  // Another host than ours: a name that somebody turned to this machine.
  { id: 'host-other', code: 'wrong_host', headers: { host: 'evil.example' } },
  { id: 'host-more-behind', code: 'wrong_host', headers: { host: 'town.test.evil.example' } },
  { id: 'host-more-before', code: 'wrong_host', headers: { host: 'eviltown.test' } },
  { id: 'host-other-port', code: 'wrong_host', headers: { host: 'town.test:8788' } },
  { id: 'host-dot-behind', code: 'wrong_host', headers: { host: 'town.test.' } },
  { id: 'host-with-a-user', code: 'wrong_host', headers: { host: 'town.test@evil.example' } },
  { id: 'host-two', code: 'wrong_host', headers: { host: 'town.test, evil.example' } },
  { id: 'host-number', code: 'wrong_host', headers: { host: '127.0.0.1' } },
  {
    id: 'host-of-another-forwarded',
    code: 'wrong_host',
    headers: { host: 'evil.example', 'x-forwarded-host': 'town.test', forwarded: 'host=town.test' },
  },
  // Another site: a page that uses the cookie of a person.
  { id: 'origin-other', code: 'wrong_origin', headers: { origin: 'http://evil.example' } },
  { id: 'origin-null', code: 'wrong_origin', headers: { origin: 'null' } },
  { id: 'origin-more-behind', code: 'wrong_origin', headers: { origin: `${OWN}.evil.example` } },
  { id: 'origin-with-a-user', code: 'wrong_origin', headers: { origin: `${OWN}@evil.example` } },
  { id: 'origin-other-port', code: 'wrong_origin', headers: { origin: `${OWN}:81` } },
  { id: 'origin-extension', code: 'wrong_origin', headers: { origin: 'chrome-extension://abcdefghijklmnop' } },
  { id: 'origin-file', code: 'wrong_origin', headers: { origin: 'file://town.test' } },
  { id: 'origin-two', code: 'wrong_origin', headers: { origin: `${OWN}, http://evil.example` } },
  { id: 'origin-own-but-cross-site', code: 'wrong_origin', headers: { origin: OWN, 'sec-fetch-site': 'cross-site' } },
  { id: 'site-of-a-neighbour', code: 'wrong_origin', headers: { 'sec-fetch-site': 'same-site' } },
  { id: 'site-of-nobody', code: 'wrong_origin', headers: { 'sec-fetch-site': 'Same-Origin, cross-site' } },
  // Somebody else.
  { id: 'cookie-twice', code: 'not_signed_in', headers: { cookie: 'gastown_session=AAAA; gastown_session=BBBB' } },
  { id: 'cookie-of-proto', code: 'not_signed_in', headers: { cookie: '__proto__=x; gastown_session=__proto__' } },
  { id: 'cookie-of-sql', code: 'not_signed_in', headers: { cookie: "gastown_session=' OR 1=1 --" } },
  { id: 'cookie-long', code: 'not_signed_in', headers: { cookie: `gastown_session=${'A'.repeat(6_000)}` } },
  { id: 'cookie-as-bearer', code: 'not_signed_in', headers: { cookie: '', authorization: 'Bearer AAAA', 'x-user': 'owner' } },
  // Bodies.
  { id: 'body-none', code: 'invalid_json', body: '' },
  { id: 'body-cut', code: 'invalid_json', body: '{"key":"k","command":{"kind":' },
  { id: 'body-two', code: 'invalid_json', body: '{}{}' },
  { id: 'body-comment', code: 'invalid_json', body: '{/* */}' },
  { id: 'body-nan', code: 'invalid_json', body: command('{"kind":"town.configure","maxPolecats":NaN}') },
  { id: 'body-single-quotes', code: 'invalid_json', body: "{'key':'k'}" },
  { id: 'body-control', code: 'invalid_json', body: command('{"kind":"town.rename","name":"a\u0000b"}') },
  { id: 'body-null', code: 'invalid_input', body: 'null' },
  { id: 'body-text', code: 'invalid_input', body: '"town.pause"' },
  { id: 'body-number', code: 'invalid_input', body: '1e999' },
  { id: 'body-list', code: 'invalid_input', body: '[{"kind":"town.pause"}]' },
  { id: 'body-deep-lists', code: 'invalid_input', body: deep('[', ']', 50_000) },
  { id: 'body-deep-objects', code: 'invalid_input', body: `${'{"a":'.repeat(20_000)}1${'}'.repeat(20_000)}` },
  { id: 'body-wide', code: 'invalid_input', body: `{${Array.from({ length: 20_000 }, (_, at) => `"k${at}":1`).join(',')}}` },
  { id: 'body-large', code: 'too_large', body: command(`{"kind":"mayor.tell","text":"${'x'.repeat(1_100_000)}"}`) },
  { id: 'key-missing', code: 'invalid_input', body: '{"command":{"kind":"town.pause"}}' },
  { id: 'key-object', code: 'invalid_input', body: '{"key":{"toString":"x"},"command":{"kind":"town.pause"}}' },
  { id: 'key-long', code: 'invalid_input', body: `{"key":"${'k'.repeat(10_000)}","command":{"kind":"town.pause"}}` },
  { id: 'kind-proto', code: 'unknown_command', body: command('{"kind":"__proto__"}') },
  { id: 'kind-constructor', code: 'unknown_command', body: command('{"kind":"constructor"}') },
  { id: 'kind-of-the-town', code: 'unknown_command', body: command('{"kind":"spend","runId":"run-000000000001","model":"m","usage":{}}') },
  { id: 'kind-missing', code: 'unknown_command', body: command('{}') },
  { id: 'kind-deep', code: 'unknown_command', body: command(`{"kind":${deep('[', ']', 20_000)}}`) },
  { id: 'kind-list', code: 'unknown_command', body: command('{"kind":["town.pause"]}') },
  { id: 'proto-beside', code: 'invalid_input', body: command('{"kind":"town.rename","name":"x","__proto__":{"polluted":true}}') },
  { id: 'field-too-many', code: 'invalid_input', body: command('{"kind":"town.pause","actor":{"kind":"town"}}') },
  { id: 'name-object', code: 'invalid_input', body: command('{"kind":"town.rename","name":{"length":5}}') },
  { id: 'name-half-a-character', code: 'invalid_input', body: command('{"kind":"town.rename","name":"\\ud800"}') },
  { id: 'name-turned-around', code: 'invalid_input', body: command('{"kind":"town.rename","name":"a\\u202eb"}') },
  { id: 'name-unseen', code: 'invalid_input', body: command('{"kind":"town.rename","name":"\\u200b\\u2060"}') },
  { id: 'number-beyond', code: 'invalid_input', body: command('{"kind":"town.configure","maxPolecats":1e400}') },
  { id: 'number-fraction', code: 'invalid_input', body: command('{"kind":"town.configure","maxPolecats":1.5}') },
  { id: 'number-text', code: 'invalid_input', body: command('{"kind":"town.configure","maxPolecats":"3"}') },
  { id: 'id-of-sql', code: 'invalid_input', body: command(`{"kind":"bead.update","beadId":"gt-1' OR '1'='1","title":"x"}`) },
  { id: 'id-path', code: 'invalid_input', body: command('{"kind":"bead.update","beadId":"../../x","title":"x"}') },
];
