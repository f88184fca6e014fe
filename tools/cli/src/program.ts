import { Command, CommanderError } from 'commander';
import { Api } from './api.js';
import type { Answer } from './answer.js';
import type { Group, Handler } from './call.js';
import { auditCommands } from './commands/audit.js';
import { calendarCommands } from './commands/calendar.js';
import { contractCommands } from './commands/contracts.js';
import { differenceCommands } from './commands/difference.js';
import { entryCommands } from './commands/entry.js';
import { feedCommands } from './commands/feed.js';
import { masterCommands } from './commands/master.js';
import { onboardCommands } from './commands/onboard.js';
import { overrideCommands } from './commands/override.js';
import { policyCommands } from './commands/policy.js';
import { profileCommands } from './commands/profile.js';
import { requestCommands } from './commands/request.js';
import { EXIT, EXIT_HELP } from './exit-codes.js';
import { Failure, failureJson, failureText } from './failure.js';
import { readProfile } from './profile.js';
import type { World } from './world.js';

const GROUPS: readonly Group[] = [
  policyCommands,
  masterCommands,
  entryCommands,
  feedCommands,
  differenceCommands,
  requestCommands,
  overrideCommands,
  calendarCommands,
  auditCommands,
  contractCommands,
  onboardCommands,
  profileCommands,
];

const EXAMPLES = `Examples:
  tieout policy lint deploy/governance/demo
  tieout policy plan deploy/governance/demo --days 30
  tieout --as ana-architect policy propose deploy/governance/demo --title "Grace of 14 days"
  tieout --as finn-finance policy approve 0198c2f4-...
  tieout entry lineage psa:4711
  tieout deploy check --service erp-posting --env production && ./deploy.sh
  tieout replay --feed erp --destination erp-de            (says what it would do; --yes does it)
  tieout audit verify audit.ndjson --key governance.pub.pem (needs no service)`;

interface GlobalOptions {
  readonly json?: true;
  readonly as?: string;
  readonly profile?: string;
}

/** Runs one command line, without the program's own name. @returns the exit code; whatever goes wrong is said, never thrown */
export const run = async (args: readonly string[], world: World): Promise<number> => {
  const outcome: { answer?: Answer } = {};
  const program = programOf(world, (answer) => (outcome.answer = answer));
  const json = args.includes('--json');
  try {
    await program.parseAsync([...args], { from: 'user' });
  } catch (error) {
    return failed(error, json, world);
  }
  const { answer } = outcome;
  if (answer === undefined) return EXIT.ok;
  world.out(`${json ? JSON.stringify(answer.json, null, 2) : answer.text}\n`);
  return answer.exitCode;
};

const programOf = (world: World, found: (answer: Answer) => void): Command => {
  const program = new Command('tieout')
    .description('Tieout at the command line: policy, master data, the way of an hour, operations, audit.')
    .option('--json', 'print JSON instead of tables (errors too, on standard error)')
    .option('--as <person>', 'who asks: one of the clients of the profile, or the beginning of its name')
    .option('--profile <file>', 'where Tieout is (default: $TIEOUT_PROFILE, else .tieout/demo/cli.json here or above)')
    .configureHelp({ showGlobalOptions: true, sortSubcommands: false })
    .configureOutput({ writeOut: world.out, writeErr: world.err })
    .showHelpAfterError('(add --help for what is expected)')
    .addHelpText(
      'after',
      `\n${EXAMPLES}\n\n${EXIT_HELP}\n\nMore: tieout help <command>; tieout help profile says how to reach other environments.`,
    )
    .exitOverride();
  const wire = (command: Command, handler: Handler): void => {
    command.action(async (...all: unknown[]) => {
      const used = all.at(-1) as Command;
      const options = used.optsWithGlobals<GlobalOptions & Record<string, unknown>>();
      const profile = readProfile(options.profile, world.env, world.cwd);
      const api = new Api(profile, { as: options.as, token: world.env['TIEOUT_TOKEN'] }, (text) => world.err(`note:  ${text}\n`));
      found(await handler({ api, world, args: used.processedArgs.filter((one) => typeof one === 'string'), options }));
    });
  };
  for (const group of GROUPS) group(program, wire);
  return program;
};

const failed = (error: unknown, json: boolean, { err }: World): number => {
  if (error instanceof Failure) {
    err(`${json ? JSON.stringify(failureJson(error), null, 2) : failureText(error)}\n`);
    return error.exitCode;
  }
  // Commander has said already what it found.
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
  err(`error: a bug of this program: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  return EXIT.bug;
};
