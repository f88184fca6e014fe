import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { createReadStream, createWriteStream, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import {
  exportLines,
  genesis,
  linked,
  nextCheckpoint,
  verifyExport,
  writtenBody,
  type AuditBody,
  type Checkpoint,
  type ExportItem,
  type Head,
} from '@tieout/audit';
import { releasedEvents } from '../released-events.js';

export interface VerifyFigures {
  readonly records: number;
  readonly bytes: number;
  readonly seconds: number;
  /** By the processor, which others on this machine do not slow down. */
  readonly cpuSeconds: number;
  readonly memoryMb: number;
  readonly aimSeconds: number;
}

const CHAINS = ['erp-posting/DE01', 'erp-posting/US01', 'time-ingestion/DE01', 'time-ingestion/US01'];
const CHECKPOINT_EVERY = 1_000;
const CONTENT = releasedEvents(1)[0]!.body.content;

/** A file with an export as governance writes it, and its verification as `tieout audit verify` does it. */
export const benchVerify = async (config: { readonly quick: boolean }, say: (text: string) => void): Promise<VerifyFigures> => {
  const records = config.quick ? 200_000 : 1_000_000;
  const folder = mkdtempSync(join(tmpdir(), 'tieout-verify-'));
  const file = join(folder, 'audit.ndjson');
  try {
    const { privateKey, publicKey } = generateKeyPairSync('ed25519');
    await pipeline(Readable.from(written(records, privateKey)), createWriteStream(file));
    say(`verify: ${records} records written`);
    const cpu = process.cpuUsage();
    const began = performance.now();
    const lines = createInterface({ input: createReadStream(file, { highWaterMark: 1_048_576 }), crlfDelay: Infinity });
    const report = await verifyExport(lines, [publicKey]);
    const seconds = (performance.now() - began) / 1_000;
    const { user, system } = process.cpuUsage(cpu);
    if (!report.ok || report.records !== records) throw new Error(`the export does not verify: ${report.errors.join('; ')}`);
    say(`verify: ${records} records in ${seconds.toFixed(1)} s`);
    return {
      records,
      bytes: statSync(file).size,
      seconds,
      cpuSeconds: (user + system) / 1e6,
      memoryMb: Math.round(process.memoryUsage().rss / 1_048_576),
      aimSeconds: 60,
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
};

async function* written(records: number, privateKey: KeyObject): AsyncGenerator<string> {
  const lines = recordsAndCheckpoints(records, privateKey);
  for await (const line of exportLines({ at: new Date().toISOString(), from: [], lines, privateKey })) yield `${line}\n`;
}

async function* recordsAndCheckpoints(records: number, privateKey: KeyObject): AsyncGenerator<ExportItem> {
  const heads = new Map<string, Head>(CHAINS.map((chain) => [chain, genesis(chain)]));
  let last: Checkpoint | undefined;
  for (let n = 1; n <= records; n++) {
    const chain = CHAINS[n % CHAINS.length]!;
    const record = linked(heads.get(chain)!, writtenBody(bodyOf(n)).text);
    heads.set(chain, record);
    yield { kind: 'record', ...record };
    if (n % CHECKPOINT_EVERY !== 0 && n !== records) continue;
    const at = new Date().toISOString();
    last = nextCheckpoint(last, {
      at,
      heads: [...heads.values()].map(({ chain: name, seq, hash }) => ({ chain: name, seq, hash })),
      privateKey,
    });
    yield { kind: 'checkpoint', checkpoint: last };
  }
}

/** As long as the longest of the usual: a planned posting with all of its content. */
const bodyOf = (n: number): AuditBody => ({
  at: new Date(1_764_000_000_000 + n).toISOString(),
  actor: 'service:erp-posting',
  action: 'posting.planned',
  subjectKind: 'posting',
  subjectId: `0b8e4d7e-6c0c-5b7a-9d53-${String(n).padStart(12, '0')}`,
  legalEntityId: 'DE01',
  after: { state: 'pending', destination: 'erp', releaseNo: 1, kind: 'post', content: CONTENT },
  policyDigest: 'a'.repeat(64),
  traceparent: `00-${String(n).padStart(32, '0')}-00f067aa0ba902b7-01`,
});
