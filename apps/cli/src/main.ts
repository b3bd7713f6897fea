/** `./gastown …`: every command ends with exit code 0, or says `code: sentence` with the next step and ends with 1. */
import path from 'node:path';
import { BeadStatus, BeadType, failure, LIMITS, refuse, type Result } from '@gastown/protocol';
import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import { discardLines, listBadLines, type DiscardOptions, type BadLinesOptions } from './commands/bad-lines.ts';
import { exportBeads, importBeads, readyBeads, showBead, startBeads } from './commands/beads.ts';
import { listBeads, type ListOptions } from './commands/list-beads.ts';
import type { ExportOptions, ImportOptions, ReadyOptions, StartOptions } from './commands/beads.ts';
import { doctor, type DoctorOptions } from './commands/doctor.ts';
import { link } from './commands/link.ts';
import { listRigs, listTowns } from './commands/lists.ts';
import { runner } from './commands/runner.ts';
import type { RunnerOptions } from './commands/runner.ts';
import { status } from './commands/status.ts';
import { stop } from './commands/stop.ts';
import { test } from './commands/test.ts';
import { examineTown, type TownDoctorOptions } from './commands/town-doctor.ts';
import { up } from './commands/up.ts';
import type { UpOptions } from './commands/up.ts';
import { errnoOf, failureOfWrite } from './machine/errno.ts';
import { VERSION } from './project.ts';
import { DEFAULT_PORT } from './state/last-port.ts';
import { openScreen } from './terminal/screen.ts';

const screen = openScreen();
let outcome = 0 as Outcome; // changed by the actions

/** What a command came to: done, refused with a reason, or an exit code whose reason it has told itself. */
type Outcome = Result<null> | number;

const does =
  <A extends unknown[]>(act: (...args: A) => Promise<Outcome>) =>
  async (...args: A): Promise<void> => {
    outcome = await act(...args);
  };

/** As people write one: no hexadecimal, no exponent. */
const wholeNumber =
  (most: number) =>
  (text: string): number => {
    if (!/^[1-9]\d*$/.test(text) || Number(text) > most) throw new InvalidArgumentError(`It must be a number from 1 to ${most}.`);
    return Number(text);
  };

/** Nothing at all names nothing. */
function nameOf(text: string): string {
  if (text.trim() === '') throw new InvalidArgumentError('It must not be empty.');
  return text;
}

/** The folders of this user are below it: elsewhere, a state is made where somebody happens to stand. */
function homeIsAPlace(): void {
  const home = process.env['HOME'];
  if (home !== undefined && !path.isAbsolute(home))
    throw new CommanderError(1, 'gastown.home', `HOME must be an absolute path, and is ${JSON.stringify(home)}.`);
}

const stateOption = (text: string): Option => new Option('--state <dir>', text).argParser(nameOf);
const portOption = (): Option =>
  new Option('--port <n>', `port on this machine (default: the last one of the folder, else ${DEFAULT_PORT})`).argParser(
    wholeNumber(65_535),
  );
const jsonOption = (): Option => new Option('--json', 'print one JSON object');

const diagnose = ({ town, ...options }: DoctorOptions & Partial<TownDoctorOptions>): Promise<Outcome> => {
  if (town !== undefined) return examineTown({ ...options, town }, screen);
  if (options.events === undefined) return doctor(options, screen);
  return Promise.resolve(
    refuse(failure('invalid_input', '--events: name the town as well, with --town.', undefined, './gastown doctor --help')),
  );
};

const program = new Command('./gastown')
  .description('A town of coding agents that you can trust.')
  .version(VERSION, '-v, --version')
  .configureOutput({ outputError: () => undefined })
  .hook('preAction', homeIsAPlace);

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
    .option('--new-keys', 'when keys.json is lost: make new ones; what the old ones sealed is named and must be given again')
    .addOption(jsonOption())
    .action(does((options: Omit<UpOptions, 'demo'>) => up({ ...options, demo }, screen)));
}

program
  .command('runner')
  .description('let this machine work for a town: a line to copy is in Settings › Runners of the town')
  .addOption(new Option('--town <url>', 'address of the town, as in a browser').argParser(nameOf))
  .addOption(
    new Option('--token <token>', 'token of this runner, shown once in Settings › Runners').env('GASTOWN_RUNNER_TOKEN').argParser(nameOf),
  )
  .addOption(stateOption('folder that keeps what it needs (default: ~/.gastown/runners/<town>)'))
  .action(does((options: RunnerOptions) => runner(options, screen)));

const ofRunning = (): Option => stateOption('folder of the one that is meant, when more than one runs (./gastown status lists them)');
program
  .command('link')
  .description('print a new sign-in link')
  .addOption(ofRunning())
  .action(does((options: { state?: string }) => link(options, screen)));
program
  .command('stop')
  .description('stop what runs; its state is kept')
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
  .description('check everything that a start needs, or (--town) everything in a running town')
  .addOption(stateOption('folder to check (default: everything that runs here, and the default folders; with --town: where that town is)'))
  .addOption(new Option('--town <name>', 'a running town, by its name or its id').argParser(nameOf))
  .addOption(new Option('--events <bead>', 'with --town: everything that happened to one bead').argParser(nameOf))
  .addOption(portOption())
  .addOption(jsonOption())
  .action(does((options: DoctorOptions & Partial<TownDoctorOptions>) => diagnose(options)));
program
  .command('towns')
  .description('the towns of everything that runs here')
  .addOption(ofRunning())
  .addOption(jsonOption())
  .action(does((options: { state?: string; json?: boolean }) => listTowns(options, screen)));
program
  .command('rigs')
  .description('the repositories of a town, and why one cannot be used')
  .addOption(new Option('--town <town>', 'the town, by its name or id').argParser(nameOf).makeOptionMandatory())
  .addOption(ofRunning())
  .addOption(jsonOption())
  .action(does((options: Parameters<typeof listRigs>[0]) => listRigs(options, screen)));
const beads = program.command('beads').description('beads of a running town: bring them, take them out, see what is ready');
const ofTown = (): Option => new Option('--town <town>', 'the town, by its name or id').argParser(nameOf).makeOptionMandatory();
const rigOption = (): Option => new Option('--rig <rig>', 'the repository, by its name or id').argParser(nameOf);
beads
  .command('import')
  .description('bring beads of a JSONL file (bd export) into a repository; they wait until you start them')
  .argument('<file>', 'one bead a line; - is the standard input')
  .addOption(ofTown())
  .addOption(rigOption().makeOptionMandatory())
  .option('--dry-run', 'say what would be done to each line, and write nothing')
  .option('--start', 'open work may begin at once')
  .option('--verbose', 'each line that is not simply taken, in the order of the file')
  .addOption(jsonOption())
  .addOption(ofRunning())
  .action(does((file: string, options: ImportOptions) => importBeads(file, options, screen)));
beads
  .command('bad-lines')
  .description('lines that imports could not take, and what is wrong with each')
  .addOption(ofTown())
  .addOption(rigOption())
  .addOption(jsonOption())
  .addOption(ofRunning())
  .action(does((options: BadLinesOptions) => listBadLines(options, screen)));
beads
  .command('discard')
  .description('let go of lines that imports could not take')
  .addOption(ofTown())
  .addOption(new Option('--import <import>', 'all that is kept of it').argParser(nameOf))
  .addOption(rigOption())
  .addOption(new Option('--line <n,n>', 'with --import: these lines alone').argParser(nameOf))
  .addOption(ofRunning())
  .action(does((options: DiscardOptions) => discardLines(options, screen)));
beads
  .command('start')
  .description('let all planned beads of a repository begin')
  .addOption(ofTown())
  .addOption(rigOption().makeOptionMandatory())
  .addOption(ofRunning())
  .action(does((options: StartOptions) => startBeads(options, screen)));
beads
  .command('export')
  .description('print beads as JSONL, one a line')
  .addOption(ofTown())
  .addOption(rigOption())
  .option('--all', 'with agents, merge requests and questions to you')
  .addOption(ofRunning())
  .action(does((options: ExportOptions) => exportBeads(options, screen)));
beads
  .command('ready')
  .description('what may begin now, best first')
  .addOption(ofTown())
  .addOption(
    new Option('--limit <n>', `at most so many, up to ${LIMITS.readyBeads.value}`)
      .argParser(wholeNumber(LIMITS.readyBeads.value))
      .default(100),
  )
  .addOption(new Option('--sort <order>', 'which first').choices(['priority', 'oldest']).default('priority'))
  .addOption(jsonOption())
  .addOption(ofRunning())
  .action(does((options: ReadyOptions) => readyBeads(options, screen)));
beads
  .command('list')
  .description('all beads, closed ones too, page by page: what is not over first, then the last closed')
  .addOption(ofTown())
  .addOption(new Option('--search <words>', 'every word stands in the title, the id or a label'))
  .addOption(new Option('--status <status>').choices(BeadStatus.options))
  .addOption(new Option('--type <type>').choices(BeadType.options).default('issue'))
  .addOption(rigOption())
  .addOption(new Option('--kind <kind>', 'of work: task, bug, feature, …').argParser(nameOf))
  .addOption(new Option('--label <label>').argParser(nameOf))
  .addOption(new Option('--archived <which>', 'archived ones too, or they alone').choices(['without', 'with', 'only']).default('without'))
  .addOption(
    new Option('--limit <n>', `at most so many, up to ${LIMITS.beadsPage.value}`)
      .argParser(wholeNumber(LIMITS.beadsPage.value))
      .default(LIMITS.beadsPage.value),
  )
  .addOption(new Option('--after <place>', 'the next page, as the one before names it').argParser(nameOf))
  .addOption(jsonOption())
  .addOption(ofRunning())
  .action(does((options: ListOptions) => listBeads(options, screen)));
beads
  .command('show')
  .description('one bead, and why it is not moving')
  .argument('<id>', 'of the bead', nameOf)
  .addOption(ofTown())
  .addOption(jsonOption())
  .addOption(ofRunning())
  .action(does((id: string, options: Parameters<typeof showBead>[1]) => showBead(id, options, screen)));
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

/** Where the way on is: with the command that was typed, not with all of them. */
let typed = program;
const withAllBelow = (command: Command): Command[] => [command, ...command.commands.flatMap(withAllBelow)];
for (const command of withAllBelow(program))
  command.exitOverride((cause) => {
    typed = command;
    throw cause;
  });
const nameIn = (command: Command): string => (command.parent ? `${nameIn(command.parent)} ${command.name()}` : command.name());
const helpOf = (command: Command): string => (command === program ? `${nameIn(command)} help` : `${nameIn(command)} --help`);

process.stdout.on('error', (error) => {
  // Whoever reads the output may have seen enough (`| head`).
  if (errnoOf(error) === 'EPIPE' || process.exitCode) return;
  process.exitCode = 1;
  screen.fail(failureOfWrite(error, 'the output') ?? failure('internal', `The output cannot be written: ${error.message}.`));
});
process.stderr.on('error', () => undefined); // then nobody is told

try {
  await program.parseAsync();
} catch (cause) {
  if (!(cause instanceof CommanderError)) throw cause;
  // Help and version end this way too.
  if (cause.exitCode !== 0) {
    if (cause.code !== 'commander.help')
      screen.fail(failure('invalid_input', cause.message.replace(/^error: /, ''), undefined, helpOf(typed)));
    outcome = 1;
  }
}
if (typeof outcome === 'number') process.exitCode ||= outcome;
else if (!outcome.ok) {
  screen.fail(outcome.failure);
  process.exitCode = 1;
}
