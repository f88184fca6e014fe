import type { TimeEntryReleasedV1, TimeEntryWithdrawnV1 } from '@tieout/contracts';
import type { ReceivedEvent } from '@tieout/messaging';
import type { IncomingRelease } from '../engine/take-releases.js';

export const toRelease = (event: ReceivedEvent<TimeEntryReleasedV1>): IncomingRelease => {
  const { entryId, releaseNo, legalEntityId, content } = event.body;
  return { event, entryId, releaseNo, legalEntityId, content };
};

export const toWithdrawal = (event: ReceivedEvent<TimeEntryWithdrawnV1>): IncomingRelease => {
  const { entryId, releaseNo, legalEntityId } = event.body;
  return { event, entryId, releaseNo, legalEntityId, content: null };
};
