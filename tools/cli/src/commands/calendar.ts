import type { Command } from 'commander';
import { Option } from 'commander';
import { answer, facts, paragraphs, table } from '../answer.js';
import { number, text, type Call, type Wire } from '../call.js';
import { EXIT } from '../exit-codes.js';
import { instant, wholeNumber } from '../options.js';

interface DeployAnswer {
  readonly allowed: boolean;
  readonly environment: string;
  readonly at: string;
  readonly why?: string;
  readonly until?: string;
  readonly opensAt?: string;
  readonly blockedBy?: string;
  readonly policy: { readonly environment: string; readonly digest: string };
  readonly notes: readonly string[];
}

interface Span {
  readonly from: string;
  readonly to: string;
  readonly kind: string;
  readonly name: string;
  readonly legalEntities?: readonly string[];
  readonly regions?: readonly string[];
  readonly blocks: readonly string[];
}

const DAY_MS = 86_400_000;

export const calendarCommands = (program: Command, wire: Wire): void => {
  wire(
    program
      .command('deploy')
      .description('may a change happen now?')
      .command('check')
      .description('yes (exit 0) or no (exit 1) with the reason, for a release pipeline')
      .requiredOption('--service <name>', 'the service to deploy')
      .option('--environment <name>', 'where to; the short form is --env')
      .option('--env <name>', 'the same as --environment')
      .option('--at <instant>', 'when (default: now)', instant)
      .addOption(
        new Option('--change <kind>', 'what kind of change')
          .choices(['deployment', 'activation', 'promotion', 'mapping'])
          .default('deployment'),
      )
      .option('--legal-entity <id>', 'only what blocks this legal entity')
      .option('--region <code>', 'only what blocks this region'),
    deployCheck,
  );
  wire(
    program
      .command('calendar')
      .description('closes, payroll cycles, change windows, freezes, holidays')
      .command('show')
      .description('what the calendar holds')
      .option('--from <instant>', 'beginning (default: now)', instant)
      .option('--to <instant>', 'end', instant)
      .option('--days <n>', 'so many days from the beginning, where --to is not given', wholeNumber(1, 400), 31)
      .option('--legal-entity <id>', 'only what concerns this legal entity')
      .option('--region <code>', 'only what concerns this region'),
    showCalendar,
  );
};

const deployCheck = async (call: Call) => {
  const found = await call.api.get<DeployAnswer>('governance', '/deploy-check', {
    service: text(call, 'service'),
    environment: text(call, 'environment') ?? text(call, 'env'),
    at: text(call, 'at'),
    change: text(call, 'change'),
    legalEntityId: text(call, 'legalEntity'),
    region: text(call, 'region'),
  });
  const { allowed, why, blockedBy, until, opensAt, policy, notes, environment, at } = found;
  const verdict = allowed ? 'yes' : `no: ${why ?? 'the calendar does not allow it'}`;
  const rest = facts([
    ['blocked by', blockedBy],
    ['opens', allowed ? undefined : (opensAt ?? 'not within a year')],
    ['until', until],
    ['asked for', `${text(call, 'service')} in ${environment} at ${at}`],
    ['policy', `${policy.digest.slice(0, 12)} (active in ${policy.environment})`],
  ]);
  return answer(found, paragraphs(verdict, rest, notes.map((note) => `note: ${note}`).join('\n')), allowed ? EXIT.ok : EXIT.no);
};

const showCalendar = async (call: Call) => {
  const from = text(call, 'from') ?? call.world.now().toISOString();
  const to = text(call, 'to') ?? new Date(Date.parse(from) + (number(call, 'days') ?? 31) * DAY_MS).toISOString();
  const found = await call.api.get<{ items: readonly Span[] }>('governance', '/change-calendar', {
    from,
    to,
    legalEntityId: text(call, 'legalEntity'),
    region: text(call, 'region'),
  });
  const where = ({ legalEntities, regions }: Span) => [...(legalEntities ?? []), ...(regions ?? [])].join(' ') || 'everywhere';
  return answer(
    found,
    table(
      ['from', 'to', 'kind', 'name', 'where', 'blocks'],
      found.items.map((span) => [minute(span.from), minute(span.to), span.kind, span.name, where(span), span.blocks.join(' ')]),
      `the calendar holds nothing from ${minute(from)} to ${minute(to)}`,
    ),
  );
};

/** "2026-11-30T18:00Z" */
const minute = (at: string): string => `${at.slice(0, 16)}Z`;
