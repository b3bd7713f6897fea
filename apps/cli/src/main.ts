/** `./gastown …`: every command ends with exit code 0, or says `code: sentence` with the next step and ends with 1. */
import type { Result } from '@gastown/protocol';
import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import { doctor } from './commands/doctor.ts';
import { link } from './commands/link.ts';
import { status } from './commands/status.ts';
import { stop } from './commands/stop.ts';
import { test } from './commands/test.ts';
import { up } from './commands/up.ts';
import type { UpOptions } from './commands/up.ts';
import { VERSION } from './project.ts';
import { failureText, openScreen } from './terminal/screen.ts';

const DEFAULT_PORT = 8787;
const screen = openScreen();
let outcome = 0 as Outcome; // changed by the actions

/** What a command came to: done, refused with a reason, or an exit code whose reason it has told itself. */
type Outcome = Result<null> | number;

const does =
  <A extends unknown[]>(act: (...args: A) => Promise<Outcome>) =>
  async (...args: A): Promise<void> => {
    outcome = await act(...args);
  };

function portOf(text: string): number {
  const port = Number(text);
  if (!Number.isInteger(port) || port < 1 || port > 65_535) throw new InvalidArgumentError('It must be a number from 1 to 65535.');
  return port;
}

const stateOption = (text: string): Option => new Option('--state <dir>', text);
const portOption = (): Option => new Option('--port <n>', 'port on this machine').argParser(portOf).default(DEFAULT_PORT);
const jsonOption = (): Option => new Option('--json', 'print one JSON object');

const program = new Command('./gastown')
  .description('A town of coding agents that you can trust.')
  .version(VERSION, '-v, --version')
  .exitOverride()
  .configureOutput({ outputError: () => undefined });

for (const [name, demo, says] of [
  ['up', false, 'install what is missing, build what changed, start, and print a sign-in link'],
  ['demo', true, 'the same with a scripted model and a sample repository: no key, no account'],
] as const) {
  program
    .command(name)
    .description(says)
    .addOption(stateOption(`folder that keeps everything (default: ~/.gastown${demo ? '-demo' : ''})`))
    .addOption(portOption())
    .addOption(new Option('--open <when>', 'open the page in the browser').choices(['auto', 'yes', 'no']).default('auto'))
    .addOption(jsonOption())
    .action(does((options: Omit<UpOptions, 'demo'>) => up({ ...options, demo }, screen)));
}

const ofRunning = (): Option => stateOption('folder of the running town (default: the one that runs)');
program
  .command('link')
  .description('print a new sign-in link of the running town')
  .addOption(ofRunning())
  .action(does((options: { state?: string }) => link(options, screen)));
program
  .command('stop')
  .description('stop the running town; its state is kept')
  .addOption(ofRunning())
  .action(does((options: { state?: string }) => stop(options, screen)));
program
  .command('status')
  .description('what runs, where, and how much memory it takes')
  .addOption(ofRunning())
  .addOption(jsonOption())
  .action(does((options: { state?: string; json?: boolean }) => status(options, screen)));
program
  .command('doctor')
  .description('check everything that a start needs')
  .addOption(stateOption('folder to check (default: ~/.gastown)'))
  .addOption(portOption())
  .addOption(jsonOption())
  .action(does((options: { state?: string; port: number; json?: boolean }) => doctor(options, screen)));
program
  .command('test')
  .description('the whole commit suite, browser tests included')
  .argument('[args...]', 'for the suite: --only NAME')
  .allowUnknownOption()
  .action(does((args: string[]) => test(args, screen)));
program
  .command('version')
  .description('print the version')
  .action(() => screen.say(VERSION));

try {
  await program.parseAsync();
} catch (cause) {
  if (!(cause instanceof CommanderError)) throw cause;
  // Help and version end this way too.
  if (cause.exitCode !== 0) {
    if (cause.code !== 'commander.help') console.error(`invalid_input: ${cause.message.replace(/^error: /, '')}\n→ ./gastown help`);
    outcome = 1;
  }
}
if (typeof outcome === 'number') process.exitCode = outcome;
else if (!outcome.ok) {
  console.error(failureText(outcome.failure));
  process.exitCode = 1;
}
