import { compilePolicy, type PolicyProblem } from '@tieout/policy';
import { Option, type Command } from 'commander';
import { join, relative, resolve } from 'node:path';
import { answer, counted, facts, paragraphs, section, table, type Answer } from '../answer.js';
import { number, text, type Call, type Wire } from '../call.js';
import { readBundle } from '../bundle-folder.js';
import { EXIT } from '../exit-codes.js';
import { isUuid, uuid, wholeNumber } from '../options.js';
import { policyChangeCommands } from './policy-change.js';
import { bundleText, partsText, type Activation, type Bundle, type Needed } from './policy-text.js';

const STATES = ['draft', 'proposed', 'approved', 'active', 'retired', 'withdrawn', 'rejected', 'expired'];

export const policyCommands = (program: Command, wire: Wire): void => {
  const policy = program.command('policy').description('policy bundles: check, try, propose, approve, activate, promote');
  wire(
    policy
      .command('lint')
      .description('check a folder without any service: file:line:column, what is wrong, how to mend it (exit 1)')
      .argument('[folder]', 'folder of the bundle', '.'),
    lint,
  );
  wire(
    policy
      .command('list')
      .description('bundles, the newest first')
      .addOption(new Option('--state <state>', 'only these').choices(STATES))
      .option('--limit <n>', 'at most so many', wholeNumber(1, 500), 50),
    listBundles,
  );
  wire(
    policy
      .command('show')
      .description('a bundle with the approvals that it has and needs, and its plan')
      .argument('<id>', 'its id', uuid),
    show,
  );
  wire(
    policy
      .command('diff')
      .description('what a bundle or a folder changes in the active policy (exit 1 when it changes something)')
      .argument('<id|folder>', 'the bundle')
      .option('--against <id>', 'another bundle instead of the active one', uuid),
    diff,
  );
  wire(policy.command('active').description('what is in force, since when, by whose decision'), active);
  wire(policy.command('history').description('every activation, the newest first'), history);
  policyChangeCommands(policy, wire);
};

const lint = (call: Call): Answer => {
  const [folder = '.'] = call.args;
  const files = readBundle(folder, call.world.cwd);
  const result = compilePolicy(Object.fromEntries(files.map(({ name, text: content }) => [name, content])));
  if (result.ok) {
    const json = { ok: true, digest: result.policy.digest, problems: [] };
    return answer(json, `${counted(files.length, 'file')}: in order\ndigest  ${result.policy.digest}`);
  }
  // Paths as editors and terminals make links of them: relative to where the command was called.
  const at = relative(call.world.cwd, resolve(call.world.cwd, folder));
  const lines = result.problems.map(
    ({ file, line, column, message, fix }: PolicyProblem) => `${join(at, file)}:${line}:${column}  ${message}\n    fix: ${fix}`,
  );
  const json = { ok: false, digest: null, problems: result.problems };
  return answer(json, `${lines.join('\n')}\n\n${counted(lines.length, 'problem')}`, EXIT.no);
};

const listBundles = async (call: Call): Promise<Answer> => {
  const query = { state: text(call, 'state'), limit: number(call, 'limit') };
  const found = await call.api.get<{ items: readonly Bundle[] }>('governance', '/policy/bundles', query);
  return answer(
    found,
    table(
      ['bundle', 'state', 'digest', 'author', 'created', 'changes', 'still needs', 'why'],
      found.items.map((bundle) => [
        bundle.bundleId,
        bundle.overtaken ? `${bundle.state}, overtaken` : bundle.state,
        bundle.digest?.slice(0, 12) ?? 'does not compile',
        bundle.author,
        bundle.createdAt,
        bundle.proposal?.parts.join(' '),
        partsText(bundle.missing),
        bundle.proposal?.why,
      ]),
      'no bundle is like that',
    ),
  );
};

const show = async (call: Call): Promise<Answer> => {
  const [id = ''] = call.args;
  const found = await call.api.get<Bundle>('governance', `/policy/bundles/${id}`);
  return answer(found, bundleText(found));
};

interface Diff {
  readonly parts: readonly string[] | null;
  readonly files: readonly { readonly name: string; readonly diff: string }[];
}

const diff = async (call: Call): Promise<Answer> => {
  const [named = ''] = call.args;
  if (!isUuid(named)) return diffOfFolder(call, named);
  const found = await call.api.get<Diff>('governance', `/policy/bundles/${named}/diff`, { against: text(call, 'against') });
  const changed = found.parts === null ? 'cannot be told: one of the two does not compile' : found.parts.join(' ') || 'nothing';
  const shown = paragraphs(facts([['changes', changed]]), ...found.files.map((file) => file.diff.trimEnd()));
  return answer(found, shown, found.files.length === 0 ? EXIT.ok : EXIT.no);
};

interface Lint {
  readonly ok: boolean;
  readonly problems: readonly PolicyProblem[];
  readonly parts: readonly string[];
  readonly needed: readonly Needed[];
}

const diffOfFolder = async (call: Call, folder: string): Promise<Answer> => {
  const files = readBundle(folder, call.world.cwd);
  const found = await call.api.post<Lint>('governance', '/policy/lint', { files });
  if (!found.ok) return lint(call);
  const shown = facts([
    ['changes', found.parts.join(' ') || 'nothing'],
    ['needs the approval of', partsText(found.needed)],
  ]);
  return answer(found, shown, found.parts.length === 0 ? EXIT.ok : EXIT.no);
};

const active = async (call: Call): Promise<Answer> => {
  const found = await call.api.get<Activation & { environment: string }>('governance', '/policy/active');
  const { emergency, review, reviewDueAt } = found;
  return answer(
    found,
    paragraphs(
      facts([
        ['environment', found.environment],
        ['revision', found.revision],
        ['bundle', found.bundleId],
        ['digest', found.digest],
        ['since', found.activatedAt],
        ['by', found.activatedBy],
        ['because', found.reason ?? found.cause],
        ['changed', found.parts.join(' ')],
      ]),
      emergency === null
        ? undefined
        : section(
            'Emergency change',
            facts([
              ['reason', emergency.reason],
              ['declared by', emergency.declaredBy],
              ['review', review === null ? `due ${reviewDueAt ?? ''}` : `${review.by} at ${review.at}: ${review.note}`],
            ]),
          ),
    ),
  );
};

const history = async (call: Call): Promise<Answer> => {
  const found = await call.api.get<{ items: readonly Activation[] }>('governance', '/policy/activations');
  const reviewOf = ({ emergency, review, reviewDueAt }: Activation): string =>
    emergency === null ? '' : review === null ? `due ${reviewDueAt ?? ''}` : `by ${review.by}`;
  return answer(
    found,
    table(
      ['revision', 'since', 'digest', 'cause', 'by', 'changed', 'review', 'bundle'],
      found.items.map((one) => [
        one.revision,
        one.activatedAt,
        one.digest.slice(0, 12),
        one.cause,
        one.activatedBy,
        one.parts.join(' '),
        reviewOf(one),
        one.bundleId,
      ]),
    ),
  );
};
