/** What carries released hours to destinations, by the word in subjects: ERP posting, payroll, analytics. */
export const FEEDS = ['posting', 'payroll', 'analytics'] as const;
export type Feed = (typeof FEEDS)[number];

/** One entry per feed, so that none is forgotten. */
export const perFeed = <T>(of: (feed: Feed) => T): Readonly<Record<Feed, T>> => ({
  posting: of('posting'),
  payroll: of('payroll'),
  analytics: of('analytics'),
});
