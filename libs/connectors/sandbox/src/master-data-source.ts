import type { Cursor, MalformedMasterRecord, MasterDataSource, MasterPage, SourceMasterRecord } from '@tieout/connector-kit';
import { Fault, isFault, type MasterKind } from '@tieout/model';
import type { SandboxClient } from './client/sandbox-client.js';
import { objectsAt, optionalText, type JsonObject } from './client/shape.js';
import { CRM_READS } from './crm-mapping.js';
import { ERP_READS, HR_READS, PSA_READS, type KindRead } from './master-mapping.js';

/** Reads lists kind by kind; the systems list alike (`after`, `limit`, `next`) and differ in place and words. */
export class SandboxMasterDataSource implements MasterDataSource {
  readonly kinds: readonly MasterKind[];
  constructor(
    private readonly client: SandboxClient,
    private readonly reads: Readonly<Partial<Record<MasterKind, KindRead>>>,
    private readonly accessPath: string,
    private readonly pageSize: number,
  ) {
    this.kinds = Object.keys(reads) as MasterKind[];
  }
  async verifyAccess(): Promise<void> {
    await this.client.readPresent(this.accessPath);
  }
  async fetchPage(kind: MasterKind, cursor: Cursor | null): Promise<MasterPage> {
    const read = this.reads[kind];
    if (!read) throw new Fault('ContractBroken', `this system has no ${kind}`);
    const after = typeof cursor?.['after'] === 'string' ? cursor['after'] : undefined;
    const body = await this.client.readPresent(read.path, { after, limit: String(this.pageSize) });
    const next = optionalText(body, 'next');
    const records: SourceMasterRecord[] = [];
    const malformed: MalformedMasterRecord[] = [];
    for (const item of objectsAt(body, 'items', read.path)) {
      const mapped = mapOne(kind, read, item);
      if ('why' in mapped) malformed.push(mapped);
      else records.push(mapped);
    }
    return { records, malformed, next: { after: next ?? null }, more: next !== undefined };
  }
}

const mapOne = (kind: MasterKind, read: KindRead, item: JsonObject): SourceMasterRecord | MalformedMasterRecord => {
  try {
    return { kind, ...read.map(item) };
  } catch (error) {
    // One broken object is refused by itself; the list it stands in is still whole.
    if (!isFault(error, 'ContractBroken')) throw error;
    return { kind, externalId: optionalText(item, 'id') ?? '(no id)', why: error.message };
  }
};

export const psaMasterData = (client: SandboxClient, pageSize: number): MasterDataSource =>
  new SandboxMasterDataSource(client, PSA_READS, '/v2/me', pageSize);
export const hrMasterData = (client: SandboxClient, pageSize: number): MasterDataSource =>
  new SandboxMasterDataSource(client, HR_READS, '/api/whoami', pageSize);
export const erpMasterData = (client: SandboxClient, pageSize: number): MasterDataSource =>
  new SandboxMasterDataSource(client, ERP_READS, '/status', pageSize);
export const crmMasterData = (client: SandboxClient, pageSize: number): MasterDataSource =>
  new SandboxMasterDataSource(client, CRM_READS, '/crm/v1/session', pageSize);
