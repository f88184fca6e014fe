import { isOut, lineStateIn, type DocumentState, type PostingState } from '@tieout/delivery';

/** What of an audit record replaying needs. */
export interface AuditRecord {
  readonly action: string;
  readonly subjectId: string;
  readonly before?: { readonly state?: string };
  readonly after?: {
    readonly state?: string;
    readonly document?: string;
    readonly postingKeys?: readonly string[];
    readonly freed?: readonly string[];
  };
}

interface Line {
  own: PostingState;
  document: string | undefined;
}

/** A ledger, built from nothing but its audit records in the order of their chain. */
export class ReplayedLedger {
  readonly #lines = new Map<string, Line>();
  readonly #documents = new Map<string, DocumentState>();

  apply({ action, subjectId, after = {} }: AuditRecord): void {
    if (action.startsWith('posting.')) this.#line(subjectId, after);
    else if (action.startsWith('document.')) this.#document(action, subjectId, after);
  }

  lines(): Record<string, PostingState> {
    return Object.fromEntries([...this.#lines].map(([key, line]) => [key, this.#stateOf(line)]));
  }

  documents(): Record<string, DocumentState> {
    return Object.fromEntries(this.#documents);
  }

  #stateOf({ own, document }: Line): PostingState {
    return document === undefined || isOut(own) ? own : lineStateIn(this.#documents.get(document)!);
  }

  #line(key: string, { state, document }: NonNullable<AuditRecord['after']>): void {
    // Blocked, say: nothing moves.
    if (state === undefined) return;
    const line = this.#lines.get(key) ?? { own: 'pending', document: undefined };
    line.own = state as PostingState;
    if (document !== undefined) {
      line.document = document;
      this.#documents.set(document, state as DocumentState);
    } else if (state === 'pending') line.document = undefined;
    this.#lines.set(key, line);
  }

  #document(action: string, key: string, { state, postingKeys, freed }: NonNullable<AuditRecord['after']>): void {
    if (state !== undefined) this.#documents.set(key, state as DocumentState);
    if (action === 'document.frozen')
      for (const member of postingKeys ?? []) Object.assign(this.#lines.get(member)!, { own: 'pending', document: key });
    for (const member of freed ?? []) Object.assign(this.#lines.get(member)!, { own: 'pending', document: undefined });
    if (state !== 'dissolved') return;
    for (const line of this.#lines.values()) if (line.document === key) line.document = undefined;
  }
}
