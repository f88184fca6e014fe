import type { Bundle } from '../bundle/schemas.js';
import { spanOf } from '../compile/moments.js';
import type { BundleFile, Path } from '../reading/bundle-file.js';
import { nearest } from '../reading/nearest.js';

type Calendars = Bundle['calendars.yaml'];

interface Scope {
  readonly legalEntities?: readonly string[] | undefined;
  readonly regions?: readonly string[] | undefined;
  readonly services?: readonly string[] | undefined;
  readonly environments?: readonly string[] | undefined;
  readonly blocks: readonly string[];
}

/** The calendars of one kind that say something about the same people at the same time: only one of them can be meant. */
export const checkCalendars = (bundle: Bundle, file: BundleFile): void => {
  const calendars = bundle['calendars.yaml'];
  const { closes, payrollCycles } = calendars;
  checkHolidayNames(calendars, file);
  checkHolidays(calendars, file);
  eachPair(closes, (a, b, index) => {
    const shared = sharedBy(a, b, true);
    if (shared !== undefined)
      file.report(
        ['closes', index],
        `the closes "${a.name}" and "${b.name}" both apply to ${shared}`,
        'name different legal entities or regions in each, or remove one',
      );
  });
  eachPair(payrollCycles, (a, b, index) => {
    const day = a.days.find((each) => b.days.includes(each));
    const shared = sharedBy(a, b, true);
    if (shared !== undefined && day !== undefined)
      file.report(
        ['payrollCycles', index],
        `the payroll cycles "${a.name}" and "${b.name}" both have the day ${day} for ${shared}`,
        'name different legal entities or days in each, or make one of the two',
      );
  });
  for (const kind of ['changeWindows', 'freezes'] as const)
    eachPair(calendars[kind], (a, b, index) => {
      const [one, other] = [spanOf(a), spanOf(b)];
      const shared = sharedBy(a, b, false);
      if (shared === undefined || !meet(a.connections, b.connections) || !meet(a.feeds, b.feeds)) return;
      if (one.from < other.to && other.from < one.to)
        file.report(
          [kind, index],
          `"${b.reason}" overlaps "${a.reason}" for ${shared}`,
          'make one entry of the two, or let the second begin when the first ends',
        );
    });
};

const eachPair = <T>(items: readonly T[], look: (a: T, b: T, indexOfB: number) => void): void =>
  items.forEach((b, index) => items.slice(0, index).forEach((a) => look(a, b, index)));

/** Absent means all. */
const meet = (a: readonly string[] | undefined, b: readonly string[] | undefined): boolean =>
  a === undefined || b === undefined || a.some((each) => b.includes(each));

/**
 * Whom both concern. `everybodyToo`: an entry for everybody also meets one for some. A legal entity and a region are never compared:
 * which region it is in is master data.
 */
const sharedBy = (a: Scope, b: Scope, everybodyToo: boolean): string | undefined => {
  if (!meet(a.services, b.services) || !meet(a.environments, b.environments) || !meet(a.blocks, b.blocks)) return undefined;
  const isForAll = ({ legalEntities, regions }: Scope): boolean => legalEntities === undefined && regions === undefined;
  if (isForAll(a) && isForAll(b)) return 'everybody';
  if (isForAll(a) || isForAll(b)) {
    const some = isForAll(a) ? b : a;
    return everybodyToo ? [...(some.legalEntities ?? []), ...(some.regions ?? [])].join(', ') : undefined;
  }
  return a.legalEntities?.find((each) => b.legalEntities?.includes(each)) ?? a.regions?.find((each) => b.regions?.includes(each));
};

const checkHolidayNames = ({ holidays, closes, payrollCycles }: Calendars, file: BundleFile): void => {
  const known = Object.keys(holidays);
  for (const [key, items] of Object.entries({ closes, payrollCycles }))
    items.forEach(({ holidays: name }, index) => {
      if (name === undefined || known.includes(name)) return;
      const near = nearest(name, known);
      file.report(
        [key, index, 'holidays'],
        `there are no holidays "${name}"`,
        near ? `did you mean "${near}"?` : `add "${name}:" under "holidays", or remove the line`,
      );
    });
};

const checkHolidays = ({ holidays }: Calendars, file: BundleFile): void => {
  const claimed = new Map<string, string>();
  for (const [name, { days, legalEntities = [], regions = [] }] of Object.entries(holidays)) {
    const at: Path = ['holidays', name];
    days.forEach(({ date }, index) => {
      if (days.findIndex((other) => other.date === date) < index)
        file.report([...at, 'days', index, 'date'], `${date} stands twice in the holidays "${name}"`, 'remove one of the two');
    });
    for (const [key, codes] of Object.entries({ legalEntities, regions }))
      codes.forEach((code, index) => {
        const other = claimed.get(`${key} ${code}`);
        if (other !== undefined)
          file.report(
            [...at, key, index],
            `the holidays "${other}" and "${name}" are both those of ${code}`,
            'keep it in one of the two',
          );
        else claimed.set(`${key} ${code}`, name);
      });
  }
};
