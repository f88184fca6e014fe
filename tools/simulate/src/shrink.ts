import type { Script } from './script.js';

/** Runs of the engine that cutting one script down may cost. */
const MOST_TRIES = 400;

/** Takes actions away, one by one, while the script still fails. @param fails whether it shows the same failure */
export const shrink = async (script: Script, fails: (script: Script) => Promise<boolean>): Promise<Script> => {
  let smallest = script;
  let tries = 0;
  for (let again = true; again;) {
    again = false;
    // From the largest cuts to the smallest; begins again after each that worked.
    for (const smaller of cuts(smallest)) {
      if (++tries > MOST_TRIES) return smallest;
      if (!(await fails(smaller))) continue;
      smallest = smaller;
      again = true;
      break;
    }
  }
  return smallest;
};

/** How much can happen in it. */
export const sizeOf = ({ entries, mischief, closings, replicas }: Script): string =>
  `${entries.length} entries with ${entries.flatMap(({ releases }) => releases).length} releases, ${mischief.length} mishaps, ` +
  `${closings.length} closing periods, ${replicas.length} replicas`;

function* cuts(script: Script): Generator<Script> {
  const { entries, mischief, closings, replicas } = script;
  if (entries.length > 3) {
    const middle = Math.floor(entries.length / 2);
    yield { ...script, entries: entries.slice(middle) };
    yield { ...script, entries: entries.slice(0, middle) };
  }
  if (replicas.length > 1) {
    const last = replicas.length - 1;
    yield {
      ...script,
      replicas: replicas.slice(0, last),
      mischief: mischief.filter((each) => !('replica' in each) || each.replica < last),
    };
  }
  if (entries.length > 1) for (const entry of entries) yield { ...script, entries: entries.filter((each) => each !== entry) };
  for (const one of mischief) yield { ...script, mischief: mischief.filter((each) => each !== one) };
  for (const one of closings) yield { ...script, closings: closings.filter((each) => each !== one) };
  for (const entry of entries) {
    const change = (releases: typeof entry.releases): Script => ({
      ...script,
      entries: entries.map((each) => (each === entry ? { ...entry, releases } : each)),
    });
    if (entry.releases.length > 1)
      for (const release of entry.releases) yield change(entry.releases.filter((each) => each !== release));
    for (const release of entry.releases)
      if (release.arrivals.length !== 1)
        yield change(entry.releases.map((each) => (each === release ? { ...release, arrivals: [10] } : each)));
  }
}
