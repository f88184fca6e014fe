import { ATTR, currentTraceparent, recordSpan } from '@tieout/telemetry';
import type { SendOutcome } from '../domain/outcomes.js';
import type { Member } from './rows.js';

/** Each hour's own trace shows the document that it went into. Called in the document's span. */
export const spanPerLine = (
  members: readonly Member[],
  outcome: SendOutcome,
  { startMs, endMs }: { readonly startMs: number; readonly endMs: number },
): void => {
  const documentSpan = currentTraceparent();
  const failure = 'message' in outcome ? outcome.message : undefined;
  for (const member of members) {
    recordSpan('post line', {
      parent: member.traceparent,
      links: [documentSpan],
      startMs,
      endMs,
      attributes: {
        [ATTR.entryId]: member.entryId,
        [ATTR.postingKey]: member.postingKey,
        [ATTR.releaseNo]: member.releaseNo,
        [ATTR.document]: member.documentKey ?? '',
        [ATTR.destination]: member.destination,
        [ATTR.legalEntity]: member.legalEntityId,
        ...(outcome.kind === 'posted' && { 'tieout.external_id': outcome.externalId }),
      },
      ...(failure !== undefined && { error: failure }),
    });
  }
};
