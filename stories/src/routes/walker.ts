import type { Browser, Page } from 'playwright-core';
import { comeToRest } from '../axe.ts';
import { openPage } from '../browser.ts';
import { startFixture, type Fixture } from './fixture.ts';
import { badDay, colourOnly, goodDay, saysWrong, tooFaint, type Seen } from './judge.ts';
import type { Place } from './places.ts';
import { readInks, readMarks, readPage } from './read.ts';

export interface Size {
  readonly width: number;
  readonly height: number;
}
export interface Look {
  /** Where the picture goes. */
  readonly folder: string;
  readonly sizes: readonly Size[];
  readonly theme: 'light' | 'dark';
}

/** How long a page may take to say what is wrong, or to show its content again: its growing waits, and a busy machine. */
const PATIENCE_MS = 20_000;
/** What a browser writes of each answer that is no success. */
const EXPECTED = /^console: (Failed to load resource|WebSocket connection to)/;
/** What the page itself asks meanwhile. */
const BESIDE = /^GET .*\/api\/(session|towns|towns\/\w+\/beads\?.*)$/;
const KEPT = 'Kept while nothing answers';

/** One page of one browser, seen without colour, on a server of its own. */
export class Walker {
  readonly findings: string[] = [];
  pictures = 0;
  readonly #look: Look;
  readonly #fixture: Fixture;
  readonly #page: Page;
  readonly #troubles: string[];

  private constructor(look: Look, fixture: Fixture, page: Page, troubles: string[]) {
    this.#look = look;
    this.#fixture = fixture;
    this.#page = page;
    this.#troubles = troubles;
  }

  static async start(browser: Browser, look: Look): Promise<Walker> {
    const fixture = await startFixture();
    const { page, troubles } = await openPage(browser, look.sizes[0]);
    page.setDefaultTimeout(PATIENCE_MS);
    await page.emulateMedia({ reducedMotion: 'reduce', colorScheme: look.theme });
    const devtools = await page.context().newCDPSession(page);
    await devtools.send('Emulation.setEmulatedVisionDeficiency', { type: 'achromatopsia' });
    return new Walker(look, fixture, page, troubles);
  }

  async end(): Promise<void> {
    await this.#page.context().close();
    await this.#fixture.stop();
  }

  get page(): Page {
    return this.#page;
  }

  /** Opens it on a good day, to ask what the page itself knows. */
  async open(address: string): Promise<Page> {
    await this.#fixture.be('ok');
    await this.#page.goto(this.#fixture.base + address);
    await this.#well();
    return this.#page;
  }

  /** Opened cold while everything answers 503; the server comes back; everything answers 503 again under the page; a command is tried; the server comes back. */
  async visit(place: Place): Promise<void> {
    const found = (when: string) => (what: string) => this.findings.push(`${place.name}, ${when}: ${what}`);
    await this.#fixture.be('503');
    await this.#page.goto(this.#fixture.base + place.address);
    badDay(await this.#bad()).forEach(found('opened under 503'));
    await this.#picture(place, 'cold', found('opened under 503'));

    await this.#fixture.be('ok');
    const well = await this.#well();
    goodDay(well, null).forEach(found('when the server came back'));
    await place.ready?.(this.#page);
    await this.#picture(place, 'well', found('on a good day'));
    await this.#well();

    await this.#fixture.be('503');
    if (!place.still) {
      badDay(await this.#bad()).forEach(found('when 503 began'));
      await this.#picture(place, 'broken', found('when 503 began'));
    }
    await this.#act(place, well, found('after a command under 503'));
    if (place.asks) await this.#walkTo(place, well, found('come to under 503'));
    this.#troubles
      .splice(0)
      .filter((trouble) => !EXPECTED.test(trouble))
      .forEach(found('all along'));
  }

  /** From another page of the town, by a link, while everything answers 503. */
  async #walkTo(place: Place, well: Seen, found: (what: string) => void): Promise<void> {
    await this.#page.goto(this.#fixture.base + place.address.replace(/(\/t\/\w+).*/, '$1/agents'));
    await this.#well();
    await this.#fixture.be('503');
    await this.#page.evaluate(
      (address) =>
        (globalThis as unknown as { __TSR_ROUTER__: { history: { push(to: string): void } } }).__TSR_ROUTER__.history.push(address),
      place.address,
    );
    badDay(await this.#bad((seen) => seen.h1.join() === well.h1.join())).forEach(found);
    await this.#fixture.be('ok');
    goodDay(await this.#well(well), well).forEach(found);
  }

  /** Its command is tried: the answer is in words, what was typed is kept, and can be sent when the server answers again. */
  async #act(place: Place, well: Seen, found: (what: string) => void): Promise<void> {
    const { open, field, button } = place.act;
    await open?.(this.#page);
    const input = field === undefined ? null : this.#page.getByLabel(field, { exact: true }).last();
    await input?.fill(KEPT);
    const control = this.#page.getByRole('button', { name: button, exact: true }).last();
    await this.#answered(
      (status, asked) => status === 503 && !BESIDE.test(asked),
      () => control.click(),
    );
    // The page tries again by itself, and says what became of it. A button that asked first has another name by then.
    await this.#until(async () => (await this.#page.locator('[aria-busy=true]').count()) === 0);
    if (!(await this.#until((seen) => saysWrong(`${seen.alerts} ${seen.toasts}`)))) found(`“${button}” was pressed and nothing was said`);
    if (input && (await input.inputValue()) !== KEPT) found(`what was typed into “${field}” is gone`);
    await this.#picture(place, 'refused', found);

    await this.#fixture.be('ok');
    goodDay(await this.#well(well), well).forEach(found);
    if (!input) return;
    await this.#answered(
      (status, asked) => status === 200 && asked.startsWith('POST'),
      () => control.click(),
    );
  }

  async #answered(so: (status: number, asked: string) => boolean, act: () => Promise<void>): Promise<void> {
    const answer = this.#page.waitForResponse((response) => so(response.status(), `${response.request().method()} ${response.url()}`));
    await Promise.all([answer, act()]);
  }

  /** As it stands when all is well, or as it stood when it did not become so. */
  #well(before: Seen | null = null): Promise<Seen> {
    return this.#stands((seen) => (seen.link === '' || seen.link === 'live') && goodDay(seen, before).length === 0);
  }

  /** As it stands when it has said what is wrong, and has tried often enough. */
  #bad(holds: (seen: Seen) => boolean = () => true): Promise<Seen> {
    return this.#stands((seen) => saysSomething(seen) && holds(seen) && badDay(seen).length === 0);
  }

  async #stands(holds: (seen: Seen) => boolean): Promise<Seen> {
    let last = await readPage(this.#page);
    await this.#until((seen) => {
      last = seen;
      return holds(seen);
    });
    return last;
  }

  /** Looks again with each change of the page, as long as patience lasts. */
  async #until(holds: (seen: Seen) => boolean | Promise<boolean>, patience = PATIENCE_MS): Promise<boolean> {
    const end = Date.now() + patience;
    while (Date.now() < end) {
      if (await holds(await readPage(this.#page))) return true;
      await this.#page.evaluate(
        () =>
          new Promise<void>((resolve) => {
            const watch = new MutationObserver(() => done());
            const limit = setTimeout(() => done(), 250);
            const done = (): void => {
              watch.disconnect();
              clearTimeout(limit);
              resolve();
            };
            watch.observe(document, { subtree: true, childList: true, characterData: true, attributes: true });
          }),
      );
    }
    return false;
  }

  /** In each size: what cannot be told without colour, and a picture for people. */
  async #picture(place: Place, state: string, found: (what: string) => void): Promise<void> {
    for (const size of this.#look.sizes) {
      await this.#page.setViewportSize(size);
      await comeToRest(this.#page);
      const at = (what: string): void => found(`${what} (${size.width} wide)`);
      tooFaint(await readInks(this.#page)).forEach(at);
      colourOnly(await readMarks(this.#page)).forEach(at);
      if ((await readPage(this.#page)).sideways) at('scrolls sideways');
      await this.#page.screenshot({
        path: `${this.#look.folder}/${place.name}-${state}-${size.width}${this.#look.theme === 'dark' ? '-dark' : ''}.png`,
      });
      this.pictures += 1;
    }
    if (this.#look.sizes.length > 1) await this.#page.setViewportSize(this.#look.sizes[0]!);
  }
}

const saysSomething = (seen: Seen): boolean => badDay(seen).length === 0;
