import { negated, sameContent, type WantedLine } from '@tieout/delivery';
import type { ConnectionId, Leg } from '@tieout/model';

interface Wanted {
  readonly destination: ConnectionId;
  readonly lines: readonly WantedLine[];
}

/**
 * A legal entity moved to another ERP, and its past stays where it is: the difference is booked in the new one. There the old content is taken
 * back and the new one booked; where both are the same, nothing is.
 */
export const carriedOver = (wanted: readonly WantedLine[], old: readonly Wanted[]): WantedLine[] => {
  const kept = [...wanted];
  const back: WantedLine[] = [];
  for (const { leg, content } of old.flatMap(({ lines }) => lines)) {
    const same = kept.findIndex((line) => line.leg === leg && sameContent(line.content, content));
    if (same >= 0) kept.splice(same, 1);
    else back.push({ leg: `carried-over:${leg}` as Leg, content: negated(content) });
  }
  return [...kept, ...back];
};

/** What stands in destinations that the legal entity has left stays wanted there; its first present destination takes the difference. */
export const adjustInNew = (
  wanted: readonly Wanted[],
  sent: readonly { readonly destination: ConnectionId; readonly wanted: readonly WantedLine[] }[],
  routes: readonly ConnectionId[],
): Wanted[] | undefined => {
  const old = sent
    .filter(({ destination }) => !routes.includes(destination))
    .map(({ destination, wanted: lines }) => ({ destination, lines }));
  const [home] = routes;
  if (old.length === 0 || home === undefined) return undefined;
  const there = wanted.find(({ destination }) => destination === home)?.lines ?? [];
  return [
    ...wanted.filter(({ destination }) => destination !== home),
    { destination: home, lines: carriedOver(there, old) },
    ...old,
  ];
};
