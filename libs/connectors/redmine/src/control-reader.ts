import type { ControlReader, SourceEvidence } from '@tieout/connector-kit';
import { Fault, toInstant, type WorkDate } from '@tieout/model';
import { readEntryPage, type EntryPosition } from './client/read-entries.js';
import type { RedmineClient } from './client/redmine-client.js';
import type { RedmineTimeEntry } from './client/redmine-types.js';
import type { RedmineConfig } from './config.js';

/** Approved time as Redmine says now. Reads the vendor's words itself: an error in mapping.ts must not hide itself. */
export class RedmineControlReader implements ControlReader {
  constructor(
    private readonly client: RedmineClient,
    private readonly config: RedmineConfig,
  ) {}

  async readSource(window: { readonly from: WorkDate; readonly to: WorkDate }): Promise<readonly SourceEvidence[]> {
    await this.client.verifyKey();
    const evidence: SourceEvidence[] = [];
    let position: EntryPosition = { offset: 0 };
    for (;;) {
      const page = await readEntryPage(this.client, window, position, this.config.pageSize);
      for (const item of page.items) {
        const one = this.#evidence(item as RedmineTimeEntry);
        if (one) evidence.push(one);
      }
      if (!page.more) break;
      position = page.next;
    }
    await this.client.verifyKey();
    return evidence;
  }

  /** An unreadable entry that nobody approved is owed to no destination; an approved one must not be left out in silence. */
  #evidence(entry: RedmineTimeEntry | null): SourceEvidence | undefined {
    const approval = entry?.custom_fields?.find((field) => field.name === this.config.approvalField)?.value;
    if (typeof entry?.id !== 'number' || typeof entry.hours !== 'number' || typeof entry.spent_on !== 'string') {
      if (approval !== this.config.approvedValue) return undefined;
      throw new Fault('ContractBroken', `approved time entry ${entry?.id ?? '?'}: expected id, hours and spent_on`);
    }
    return {
      sourceId: String(entry.id),
      workDate: entry.spent_on,
      hours: entry.hours.toFixed(2),
      approved: approval === this.config.approvedValue,
      updatedAt: toInstant(entry.updated_on),
    };
  }
}
