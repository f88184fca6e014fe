import { createReadStream, createWriteStream, existsSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { KeyObject } from 'node:crypto';
import { verifyExport } from '@tieout/audit';
import { readPublicKeys } from '@tieout/signing';
import type { Command } from 'commander';
import { answer, counted, facts, paragraphs, section, table, type Answer } from '../answer.js';
import { flag, list, text, type Call, type Wire } from '../call.js';
import { EXIT } from '../exit-codes.js';
import { Failure, wrongUse } from '../failure.js';
import { instant, words } from '../options.js';

export const auditCommands = (program: Command, wire: Wire): void => {
  const audit = program.command('audit').description('the chained, signed record of every change');
  wire(
    audit
      .command('export')
      .description('write the chains with their checkpoints into one file that verifies offline')
      .requiredOption('--out <file>', 'where to; it must not be there yet')
      .option('--chain <name>', 'only these chains (again or with commas for more)', words)
      .option('--since <instant>', 'from the last checkpoint before this instant on', instant)
      .option('--without-personal', 'leave out personal values; their commitments stay'),
    exportAudit,
  );
  wire(
    audit
      .command('verify')
      .description('check an export with nothing but the public key (exit 1 when anything is wrong)')
      .argument('<file>', 'the export')
      .option('--key <pem>', 'public keys of governance (default: those that the profile names)'),
    verify,
  );
  wire(audit.command('heads').description('where the chains stand by the last signed checkpoint'), heads);
};

const exportAudit = async (call: Call): Promise<Answer> => {
  const out = resolve(call.world.cwd, text(call, 'out') ?? '');
  if (existsSync(out)) throw wrongUse(`${out} is there already`, 'name another file: an export is never overwritten');
  const body = await call.api.stream('governance', '/audit/export', {
    chain: list(call, 'chain')?.join(','),
    since: text(call, 'since'),
    personal: flag(call, 'withoutPersonal') ? false : undefined,
  });
  // Half an export under its own name would look like one that was cut off by somebody.
  const partial = `${out}.partial`;
  try {
    await pipeline(
      Readable.fromWeb(body as Parameters<typeof Readable.fromWeb>[0]),
      createWriteStream(partial, { flags: 'wx', mode: 0o600 }),
    );
    renameSync(partial, out);
  } catch (error) {
    rmSync(partial, { force: true });
    throw new Failure(
      EXIT.away,
      'export-cut-off',
      `the export ended before its end: ${(error as Error).message}`,
      'export again; nothing was kept',
    );
  }
  const { size } = statSync(out);
  return answer({ file: out, bytes: size }, `${out}: ${size} bytes\n\nCheck it: npx tieout audit verify ${out}`);
};

const verify = async (call: Call): Promise<Answer> => {
  const [named = ''] = call.args;
  const file = resolve(call.world.cwd, named);
  if (statSync(file, { throwIfNoEntry: false })?.isFile() !== true) throw wrongUse(`there is no file ${file}`);
  const keys = publicKeysOf(call);
  const quiet = flag(call, 'json');
  const lines = createInterface({ input: createReadStream(file, { highWaterMark: 1 << 20 }), crlfDelay: Infinity });
  const report = await verifyExport(lines, keys, {
    onProgress: (records) => {
      if (!quiet) call.world.err(`${records} records\n`);
    },
  });
  const { ok, records, chains, checkpoints, personal, errors, notes } = report;
  return answer(
    report,
    paragraphs(
      ok
        ? 'verifies: nothing was changed, taken out, put in, moved or cut off'
        : `does not verify: ${counted(errors.length, 'thing')} wrong`,
      facts([
        ['records', records],
        ['chains', chains],
        ['checkpoints', checkpoints],
        ['personal values', personal],
      ]),
      errors.length === 0 ? undefined : section('Wrong', errors.join('\n')),
      notes.length === 0 ? undefined : section('Worth knowing', notes.join('\n')),
    ),
    ok ? EXIT.ok : EXIT.no,
  );
};

const publicKeysOf = (call: Call): readonly KeyObject[] => {
  const named = text(call, 'key');
  const file = named === undefined ? call.api.profile.publicKeys : resolve(call.world.cwd, named);
  if (file === undefined) throw wrongUse('no public key is known', 'name the file with --key; whoever runs governance has it');
  try {
    return readPublicKeys(readFileSync(file, 'utf8'));
  } catch (error) {
    throw wrongUse(
      `${file} holds no public key: ${(error as Error).message}`,
      "name the PEM file of governance's public keys with --key",
    );
  }
};

interface Checkpoint {
  readonly no: number;
  readonly at: string;
  readonly heads: readonly { readonly chain: string; readonly seq: number; readonly hash: string }[];
  readonly keyId: string;
}

/** A checkpoint names the chains that moved since the one before: the newest word on each chain counts. */
const heads = async (call: Call): Promise<Answer> => {
  const found = await call.api.get<{ items: readonly Checkpoint[] }>('governance', '/audit/checkpoints');
  const newestFirst = [...found.items].sort((a, b) => b.no - a.no);
  const seen = new Map<string, readonly [string, number, string, number, string]>();
  for (const { no, at, heads: moved } of newestFirst)
    for (const { chain, seq, hash } of moved) if (!seen.has(chain)) seen.set(chain, [chain, seq, hash, no, at]);
  const rows = [...seen.values()].sort(([a], [b]) => (a < b ? -1 : 1));
  return answer(found, table(['chain', 'records', 'hash', 'checkpoint', 'signed'], rows, 'no checkpoint was signed yet'));
};
