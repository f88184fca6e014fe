import type {
  Cursor,
  KeyPage,
  MalformedTimeRecord,
  SourceTimeRecord,
  SweepWindow,
  TimePage,
  TimeSource,
} from '@tieout/connector-kit';
import { Fault } from '@tieout/model';
import type { SandboxClient } from './client/sandbox-client.js';
import { objectsAt, optionalText, type JsonObject } from './client/shape.js';
import type { PsaConfig } from './config.js';
import { toTimeRecord } from './time-mapping.js';

const GONE = 410;
const NOT_FOUND = 404;

const split = (entries: readonly JsonObject[], place: string): Pick<TimePage, 'records' | 'malformed'> => {
  const read = entries.map((entry, index) => toTimeRecord(entry, `${place}, entry ${index + 1}`));
  return {
    records: read.filter((record): record is SourceTimeRecord => 'sourceId' in record),
    malformed: read.filter((record): record is MalformedTimeRecord => !('sourceId' in record)),
  };
};

/**
 * Follows the PSA's change feed. Its sequence numbers are given before the change is committed, so a lower one can turn up after a
 * higher one was read: every poll begins `overlap` places back.
 */
export class PsaTimeSource implements TimeSource {
  constructor(
    private readonly client: SandboxClient,
    private readonly config: PsaConfig,
  ) {}

  async verifyAccess(): Promise<void> {
    await this.client.readPresent('/v2/me');
  }

  async fetchPage(cursor: Cursor | null): Promise<TimePage> {
    const position = typeof cursor?.['after'] === 'number' ? cursor['after'] : 0;
    const after = cursor?.['caughtUp'] === true ? Math.max(0, position - this.config.overlap) : position;
    const body = await this.client.read('/v2/timesheets/changes', { after: String(after), limit: String(this.config.pageSize) }, [
      GONE,
    ]);
    // The feed is younger than our position: the PSA was restored from a backup. Reading it from its beginning loses nothing.
    if (!body) return { records: [], malformed: [], next: { after: 0, caughtUp: false }, more: true };
    const last = body['last'];
    if (typeof last !== 'number' || typeof body['hasMore'] !== 'boolean')
      throw new Fault('ContractBroken', 'change feed: expected last (number) and hasMore (true or false)');
    const more = body['hasMore'];
    return {
      ...split(objectsAt(body, 'entries', 'change feed'), `change feed after ${after}`),
      next: { after: Math.max(last, more ? 0 : position), caughtUp: !more },
      more,
    };
  }

  async fetchRecords(sourceIds: readonly string[]): Promise<Pick<TimePage, 'records' | 'malformed'>> {
    const records: SourceTimeRecord[] = [];
    const malformed: MalformedTimeRecord[] = [];
    for (const sourceId of sourceIds) {
      const entry = await this.client.read(`/v2/timesheets/${encodeURIComponent(sourceId)}`, {}, [NOT_FOUND]);
      if (!entry) {
        records.push({ sourceId, payload: null, fields: {}, deleted: true });
        continue;
      }
      const one = split([entry], `timesheet ${sourceId}`);
      records.push(...one.records);
      malformed.push(...one.malformed);
    }
    return { records, malformed };
  }

  async listKeys(window: SweepWindow, cursor: Cursor | null): Promise<KeyPage> {
    const after = typeof cursor?.['after'] === 'string' ? cursor['after'] : undefined;
    const body = await this.client.readPresent('/v2/timesheets/ids', {
      from: window.from,
      to: window.to,
      after,
      limit: String(this.config.pageSize),
    });
    const { ids, total } = body;
    if (!Array.isArray(ids) || !ids.every((id) => typeof id === 'string') || typeof total !== 'number')
      throw new Fault('ContractBroken', 'timesheet ids: expected ids (texts) and total (number)');
    const next = optionalText(body, 'next');
    return { keys: ids as string[], total, next: { after: next ?? null }, more: next !== undefined };
  }
}
