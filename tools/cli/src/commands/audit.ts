import { createWriteStream, existsSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { KeyObject } from 'node:crypto';
import { verifyExport } from '@tieout/audit';
import { readPublicKeys } from '@tieout/signing';
import type { Command } from 'commander';
import { answer, counted, facts, paragraphs, section, table, type Answer } from '../answer.js';
import { flag, text, type Call, type Wire } from '../call.js';
import { EXIT } from '../exit-codes.js';
import { Failure, wrongUse } from '../failure.js';
import { linesOf } from '../lines.js';
import { instant } from '../options.js';

export const auditCommands = (program: Command, wire: Wire): void => {
  const audit = program.command('audit').description('the chained, signed record of every change');
  wire(
    audit
      .command('export')
      .description('write the chains with their checkpoints into one file that verifies offline')
      .requiredOption('--out <file>', 'where to; it must not be there yet')
      .option('--chain <name>', 'only this chain, "erp-posting/DE01", or those of a service, "erp-posting"')
      .option('--from <instant>', 'from the last full checkpoint before it (default: from the first record)', instant)
      .option('--to <instant>', 'to the first checkpoint after it (default: until now)', instant),
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
  wire(audit.command('heads').description('up to where each chain is signed, and what is wrong with it (exit 1)'), heads);
  wire(
    audit
      .command('acknowledge')
      .description('say that a chain may have gone back, after a database was restored')
      .argument('<chain>', 'the chain, for example erp-posting/DE01')
      .requiredOption('--why <text>', 'why; it is signed, with your account'),
    acknowledge,
  );
  wire(
    audit
      .command('erase')
      .description('erase the personal values about somebody; records and chains stay')
      .argument('<kind>', 'worker, or user for what a person typed')
      .argument('<id>', 'its id in the audit')
      .requiredOption('--why <text>', 'why, for the audit')
      .option('--yes', 'do it; it cannot be undone'),
    erase,
  );
};

const exportAudit = async (call: Call): Promise<Answer> => {
  const out = resolve(call.world.cwd, text(call, 'out') ?? '');
  if (existsSync(out)) throw wrongUse(`${out} is there already`, 'name another file: an export is never overwritten');
  const body = await call.api.stream('governance', '/audit/export', {
    chain: text(call, 'chain'),
    from: text(call, 'from'),
    to: text(call, 'to'),
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
  const report = await verifyExport(linesOf(file), keys, {
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

interface Chain {
  readonly chain: string;
  readonly context: string;
  readonly seq: number;
  readonly hash: string;
  readonly broken: { readonly why: string } | null;
}

const heads = async (call: Call): Promise<Answer> => {
  const found = await call.api.get<{ items: readonly Chain[] }>('governance', '/audit/chains');
  const rows = found.items.map(({ chain, seq, hash, broken }) => [chain, seq, hash, broken?.why ?? 'in order']);
  const anyBroken = found.items.some(({ broken }) => broken !== null);
  return answer(
    found,
    table(['chain', 'signed to record', 'hash', 'state'], rows, 'no chain was signed yet'),
    anyBroken ? EXIT.no : EXIT.ok,
  );
};

const acknowledge = async (call: Call): Promise<Answer> => {
  const [chain = ''] = call.args;
  const found = await call.api.post<object>('governance', '/audit/chains/acknowledge', { chain, why: text(call, 'why') });
  return answer(found, `${chain} is signed again from where it stands`);
};

const erase = async (call: Call): Promise<Answer> => {
  const [subjectKind = '', subjectId = ''] = call.args;
  const body = { subjectKind, subjectId, why: text(call, 'why') };
  if (!flag(call, 'yes'))
    return answer(
      { dryRun: true, wouldAsk: { service: 'governance', operation: 'erase', ...body } },
      `would erase the personal values about ${subjectKind} ${subjectId} in the audit of every service, for ever\n\nNothing was changed. Add --yes to do it.`,
    );
  const found = await call.api.post<{ erased: number }>('governance', '/audit/erase', body);
  return answer(found, `${counted(found.erased, 'personal value')} erased; the records stay and verify`);
};
