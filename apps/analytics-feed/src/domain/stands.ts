import type { BookedDocument, PostingDocument } from '@tieout/connector-kit';
import { canonicalJson, controlTotals } from '@tieout/model';

/** What is wrong with a load that was read back; undefined: it stands as it was sent. */
export const differsFrom = (sent: PostingDocument, booked: BookedDocument | undefined): string | undefined => {
  if (booked === undefined) return 'it was taken and does not stand there';
  const found = controlTotals(
    booked.lines.map(({ postingKey, hours, amount }) => ({ key: postingKey, hours, amount, currency: sent.currency })),
  );
  const [there, here] = [canonicalJson(found), canonicalJson(sent.totals)];
  return there === here ? undefined : `control totals there ${there}, sent ${here}`;
};
