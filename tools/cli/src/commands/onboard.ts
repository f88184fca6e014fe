import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Command } from 'commander';
import { parse } from 'yaml';
import { answer, facts, paragraphs, section, table, type Answer } from '../answer.js';
import { number, text, type Call, type Wire } from '../call.js';
import { wrongUse } from '../failure.js';
import { uuid, wholeNumber } from '../options.js';

interface Onboarding {
  readonly onboardingId: string;
  readonly request: { readonly legalEntity: { readonly code: string; readonly name: string }; readonly goLive: string };
  readonly bundleId: string;
  readonly notes: readonly string[];
  readonly startedBy: string;
  readonly startedAt: string;
}
interface Shown extends Onboarding {
  readonly steps: readonly {
    readonly no: number;
    readonly name: string;
    readonly state: string;
    readonly findings: readonly string[];
    readonly whatToDo?: string;
  }[];
  readonly next: { readonly kind: string; readonly feed?: string; readonly destination?: string } | null;
}

const EXAMPLE = `
The file, in YAML or JSON:

  legalEntity: { code: FR01, name: Pont SA, currency: EUR, timeZone: Europe/Paris, region: EMEA }
  goLive: 2027-02-01            # the first day on which its time is booked from here
  like: DE01                    # begin with this one's rules (optional)
  adoptFrom: 2026-12-01         # predecessor's lines are looked for from here (optional)
  connections:                  # as connections.yaml takes them
    psa-fr: { system: sandbox-psa, roles: [time], mappingLike: psa }`;

export const onboardCommands = (program: Command, wire: Wire): void => {
  const onboard = program.command('onboard').description('bring in an acquired legal entity, step by step');
  wire(
    onboard
      .command('start')
      .description('draft its bundle, and list the steps until go-live')
      .argument('<file>', 'what is known of it')
      .addHelpText('after', EXAMPLE),
    start,
  );
  wire(
    onboard
      .command('list')
      .description('those that were begun, the newest first')
      .option('--limit <n>', 'at most so many', wholeNumber(1, 500), 50),
    list,
  );
  const one = (name: string, description: string) =>
    onboard.command(name).description(description).argument('<id>', 'the onboarding', uuid);
  wire(one('show', 'every step: what was found just now, and what to do'), async (call) =>
    shown(await call.api.get<Shown>('governance', pathOf(call))),
  );
  wire(one('advance', 'do the next thing that a machine may do: propose, lock, rehearse adoption, adopt, open'), async (call) =>
    shown(await call.api.post<Shown>('governance', `${pathOf(call)}/advance`)),
  );
  wire(
    one('attach', 'go on with a draft that was corrected by hand').requiredOption('--bundle <id>', 'the draft', uuid),
    async (call) => shown(await call.api.post<Shown>('governance', `${pathOf(call)}/bundle`, { bundleId: text(call, 'bundle') })),
  );
};

const pathOf = (call: Call): string => `/onboardings/${call.args[0] ?? ''}`;

const start = async (call: Call): Promise<Answer> => {
  const file = resolve(call.world.cwd, call.args[0] ?? '');
  return shown(await call.api.post<Shown>('governance', '/onboardings', read(file)));
};

/** YAML takes JSON too. @throws Failure that names line and column where it can */
const read = (file: string): object => {
  try {
    // Dates as they are written: governance wants text.
    const found: unknown = parse(readFileSync(file, 'utf8'), { schema: 'core' });
    if (typeof found === 'object' && found !== null && !Array.isArray(found)) return found;
  } catch (error) {
    const what = (error as NodeJS.ErrnoException).code === 'ENOENT' ? 'it is not there' : (error as Error).message.split('\n')[0];
    throw wrongUse(`${file} cannot be read: ${what ?? ''}`, 'npx tieout onboard start --help shows what stands in it');
  }
  throw wrongUse(`${file} holds no onboarding`, 'npx tieout onboard start --help shows what stands in it');
};

const list = async (call: Call): Promise<Answer> => {
  const found = await call.api.get<{ items: readonly Onboarding[] }>('governance', '/onboardings', {
    limit: number(call, 'limit'),
  });
  const rows = found.items.map((one) => [
    one.onboardingId,
    `${one.request.legalEntity.code} ${one.request.legalEntity.name}`,
    one.request.goLive,
    one.bundleId,
    one.startedBy,
    one.startedAt,
  ]);
  return answer(found, table(['onboarding', 'legal entity', 'go-live', 'bundle', 'begun by', 'at'], rows));
};

const shown = (one: Shown): Answer => {
  const { request, steps, next, notes } = one;
  const nextText =
    next === null ? 'nothing that a machine may do now' : [next.kind, next.feed, next.destination].filter(Boolean).join(' ');
  return answer(
    one,
    paragraphs(
      facts([
        ['onboarding', one.onboardingId],
        ['legal entity', `${request.legalEntity.code} ${request.legalEntity.name}`],
        ['go-live', request.goLive],
        ['bundle', one.bundleId],
        ['begun', `${one.startedAt} by ${one.startedBy}`],
        ['next', nextText],
      ]),
      table(
        ['', 'step', 'state', 'found', 'to do'],
        steps.map(({ no, name, state, findings, whatToDo }) => [no, name, state, findings.join('; '), whatToDo]),
      ),
      notes.length === 0 ? undefined : section('What the draft could not know', notes.join('\n')),
      next === null ? undefined : `Go on: npx tieout onboard advance ${one.onboardingId}`,
    ),
  );
};
