import { costOf, type ModelApi, type Price, type Usage } from '@gastown/protocol';
import { DataLines } from './sse.ts';
import { nothingCounted, readAnthropic, readOpenAi, readResponses, type Counted } from './usage.ts';

/**
 * Reads the usage out of an answer while it passes, whole or streamed. What the provider did not say is estimated from what was sent and what came,
 * so that a call that was cut off, or a provider that reports nothing, still counts.
 */
const CHARACTERS_PER_TOKEN = 4;
const READ = { chat: readOpenAi, responses: readResponses, messages: readAnthropic } as const;
const WHOLE_BODY_LIMIT = 8_000_000;

export class Meter {
  readonly #read: (body: unknown, into: Counted) => void;
  readonly #counted = nothingCounted();
  readonly #lines: DataLines | null;
  readonly #decoder = new TextDecoder();
  #whole = '';
  #streamedCharacters = 0;

  readonly #witness: (body: unknown) => void;

  /** `witness` sees each body as it passes. */
  constructor(api: ModelApi, contentType: string, witness: (body: unknown) => void = () => undefined) {
    this.#read = READ[api];
    this.#witness = witness;
    this.#lines = contentType.includes('text/event-stream') ? new DataLines((data) => this.#data(data)) : null;
  }

  push(chunk: Uint8Array): void {
    if (this.#lines) return this.#lines.push(chunk);
    if (this.#whole.length < WHOLE_BODY_LIMIT) this.#whole += this.#decoder.decode(chunk, { stream: true });
  }

  /** To be called once, after the last chunk. */
  total(requestCharacters: number, price: Price | null): Usage {
    this.#lines?.end();
    if (!this.#lines) this.#wholeBody();
    const { input, output, cacheRead, cacheWrite, costMicros } = this.#counted;
    const usage = {
      inputTokens: input ?? estimated(requestCharacters),
      outputTokens: Math.max(output ?? 0, output === null || this.#cutOff() ? estimated(this.#streamedCharacters) : 0),
      cacheReadTokens: cacheRead,
      cacheWriteTokens: cacheWrite,
    };
    return { ...usage, costMicros: costMicros ?? (price ? costOf(usage, price) : 0) };
  }

  #ended = false;
  /** Anthropic counts one output token at the start; without its last report that number is not the answer's. */
  #cutOff(): boolean {
    return this.#lines !== null && !this.#ended;
  }

  #data(data: string): void {
    const body = jsonOf(data);
    if (body === undefined) return;
    this.#witness(body);
    this.#read(body, this.#counted);
    this.#ended ||= isLast(body);
    this.#streamedCharacters += deltaCharacters(body) ?? generatedCharacters(body);
  }

  #wholeBody(): void {
    const body = jsonOf(this.#whole);
    if (body === undefined) this.#streamedCharacters = this.#whole.length;
    else {
      this.#witness(body);
      this.#read(body, this.#counted);
    }
    if (body !== undefined && this.#counted.output === null) this.#streamedCharacters = generatedCharacters(body);
  }
}

const estimated = (characters: number): number => Math.ceil(characters / CHARACTERS_PER_TOKEN);

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;
const isLast = (body: unknown): boolean =>
  isRecord(body) && (body.type === 'message_delta' || isRecord(body.usage) || (isRecord(body.response) && isRecord(body.response.usage)));

/** Events of the responses API: only its deltas count, what they make up is told again when a part is whole. Null: not such an event. */
function deltaCharacters(body: unknown): number | null {
  if (!isRecord(body) || typeof body.type !== 'string' || !body.type.startsWith('response.')) return null;
  return body.type.endsWith('.delta') && typeof body.delta === 'string' ? body.delta.length : 0;
}

/** Length of all text in the generated parts: deltas, messages, content, tool arguments. Framing is not counted. */
const GENERATED = new Set(['content', 'text', 'reasoning', 'reasoning_content', 'thinking', 'arguments', 'partial_json']);
function generatedCharacters(value: unknown, counts = false): number {
  if (typeof value === 'string') return counts ? value.length : 0;
  if (Array.isArray(value)) return value.reduce<number>((sum, each) => sum + generatedCharacters(each, counts), 0);
  if (!isRecord(value)) return 0;
  return Object.entries(value).reduce((sum, [key, each]) => sum + generatedCharacters(each, GENERATED.has(key)), 0);
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
