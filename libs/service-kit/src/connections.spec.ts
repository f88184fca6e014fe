import { systemClock } from '@tieout/clock';
import type { CompiledPolicy, ConnectionDeclaration } from '@tieout/policy';
import { describe, expect, it } from 'vitest';
import { BootProblem } from './boot-problem.js';
import { openConnections, type ConfigurableConnector } from './connections.js';
import { SecretReader } from './secrets.js';

const declaration = (id: string, system: string, settings: Record<string, string>): ConnectionDeclaration => ({
  id: id as ConnectionDeclaration['id'],
  system,
  roles: ['time', 'control'],
  settings,
  secrets: ['key'],
  pollEverySeconds: 1,
  sweepEverySeconds: 1,
  journalOursAlone: false,
  windowDays: 30,
  massDeletionLimit: { share: 0.1, count: 10 },
});

const psa = {
  manifest: { system: 'psa' },
  timeSource: () => 'a time source',
  parseConfig({ values, secrets }: { values: Readonly<Record<string, string>>; secrets: ReadonlySet<string> }) {
    if (!values['url']?.startsWith('http'))
      throw Object.assign(new Error(), { problems: ['setting "url" is wrong', 'setting "key" too'] });
    return { url: values['url'], key: values['key'], secrets: [...secrets] };
  },
};

const runtimeWith = (connections: ConnectionDeclaration[], env: Record<string, string> = {}) => ({
  policy: { current: () => ({ connections }) as unknown as CompiledPolicy },
  secrets: new SecretReader(env),
  clock: systemClock,
});

function problemsOf(
  connections: ConnectionDeclaration[],
  role: 'time' | 'control',
  connectors: ConfigurableConnector[] = [psa],
): readonly string[] {
  try {
    openConnections(runtimeWith(connections), role, connectors);
  } catch (error) {
    if (error instanceof BootProblem) return error.problems;
    throw error;
  }
  return [];
}

describe('connections', () => {
  it('open with their references resolved, and only those of the role', () => {
    const connections = [
      declaration('psa', 'psa', { url: 'env:PSA_URL', key: 'env:PSA_KEY' }),
      { ...declaration('erp', 'erp', {}), roles: ['posting' as const] },
    ];
    const opened = openConnections(runtimeWith(connections, { PSA_URL: 'http://psa', PSA_KEY: 'k' }), 'time', [psa]);
    expect(opened.map(({ config, deps }) => ({ config, connection: deps.connection }))).toEqual([
      { config: { url: 'http://psa', key: 'k', secrets: ['key'] }, connection: 'psa' },
    ]);
  });

  it('that cannot open stop the boot, each named with every reason', () => {
    const connections = [
      declaration('one', 'unheard-of', {}),
      declaration('two', 'psa', { url: 'env:PSA_URL', key: 'env:PSA_KEY' }),
      declaration('three', 'psa', { url: 'ftp://psa' }),
    ];
    expect(problemsOf(connections, 'time')).toEqual([
      'connection "one" (connections.yaml): there is no connector for the system "unheard-of"; there are: psa',
      'connection "two" (connections.yaml): setting "url": reference "env:PSA_URL": the environment variable PSA_URL is not set',
      'connection "two" (connections.yaml): setting "key": reference "env:PSA_KEY": the environment variable PSA_KEY is not set',
      'connection "three" (connections.yaml): setting "url" is wrong',
      'connection "three" (connections.yaml): setting "key" too',
    ]);
  });

  it('cannot have a role that their connector does not support', () => {
    const connections = [declaration('psa', 'psa', { url: 'http://psa' })];
    expect(problemsOf(connections, 'control')).toEqual([
      'connection "psa" (connections.yaml): the connector "psa" does not support the role "control"',
    ]);
  });
});
