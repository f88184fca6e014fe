import type { Call } from './operate.js';
import type { ServiceName } from './services.js';

interface ServiceProgress {
  readonly idle: boolean;
  readonly counts: Readonly<Record<string, number>>;
}

interface SyncReport {
  readonly connections: readonly { readonly kinds: readonly { readonly syncedSinceStart: boolean }[] }[];
  readonly unpublishedEvents: number;
}

export interface StackProgress {
  readonly idle: boolean;
  readonly master: ServiceProgress;
  readonly time: ServiceProgress;
  readonly posting: ServiceProgress;
  /** The other feeds that run, by service. */
  readonly feeds: Readonly<Partial<Record<ServiceName, ServiceProgress>>>;
}

const FEEDS = ['payroll-feed', 'analytics-feed'] as const;

export const readProgress = async (call: Call, services: readonly ServiceName[]): Promise<StackProgress> => {
  const [sync, time, posting] = await Promise.all([
    call<SyncReport>('master-data-sync', 'GET', '/sync'),
    call<ServiceProgress>('time-ingestion', 'GET', '/progress'),
    call<ServiceProgress>('erp-posting', 'GET', '/progress'),
  ]);
  const names = FEEDS.filter((name) => services.includes(name));
  const others = await Promise.all(names.map((name) => call<ServiceProgress>(name, 'GET', '/progress')));
  const feeds = Object.fromEntries(names.map((name, index) => [name, others[index]!]));
  const kinds = sync.connections.flatMap((connection) => connection.kinds);
  const read = kinds.filter(({ syncedSinceStart }) => syncedSinceStart).length;
  const master = { idle: read === kinds.length && sync.unpublishedEvents === 0, counts: { read, kinds: kinds.length } };
  const idle = master.idle && time.idle && posting.idle && others.every((feed) => feed.idle);
  return { idle, master, time, posting, feeds };
};

export const progressLine = ({ master, time, posting, feeds }: StackProgress): string => {
  const part = (counts: Readonly<Record<string, number>>, names: readonly string[]) =>
    names.map((name) => `${counts[name] ?? 0} ${name}`).join(', ');
  return [
    `master data: ${master.counts['read']} of ${master.counts['kinds']} kinds`,
    `time: ${part(time.counts, ['approved', 'released', 'held', 'toAssess'])}`,
    `postings: ${part(posting.counts, ['pending', 'sending', 'posted', 'confirmed', 'unknown', 'rejected'])}`,
    ...Object.entries(feeds).map(([name, { counts }]) => `${name}: ${part(counts, ['pending', 'confirmed'])}`),
  ].join(' | ');
};
