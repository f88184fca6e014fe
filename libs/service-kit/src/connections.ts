import type { Clock } from '@tieout/clock';
import type { ConnectionId } from '@tieout/model';
import type { ConnectionDeclaration, ConnectionRole } from '@tieout/policy';
import { BootProblem } from './boot-problem.js';
import type { PolicyHolder } from './policy/policy-holder.js';
import type { SecretReader } from './secrets.js';

/** What is needed of a connector here, so that the platform need not know the connector kit. */
export interface ConfigurableConnector {
  readonly manifest: { readonly system: string };
  parseConfig(settings: { readonly values: Readonly<Record<string, string>>; readonly secrets: ReadonlySet<string> }): unknown;
}

export interface OpenConnection<C extends ConfigurableConnector = ConfigurableConnector> {
  readonly declaration: ConnectionDeclaration;
  readonly connector: C;
  /** Read it for each use: it follows a secret that was rotated. */
  readonly config: ReturnType<C['parseConfig']>;
  readonly deps: { readonly connection: ConnectionId; readonly clock: Clock };
}

interface Openers {
  readonly policy: Pick<PolicyHolder, 'current'>;
  readonly secrets: SecretReader;
  readonly clock: Clock;
}

const FACTORY = {
  time: 'timeSource',
  'master-data': 'masterDataSource',
  posting: 'postingTarget',
  payroll: 'postingTarget',
  analytics: 'postingTarget',
  control: 'controlReader',
  project: 'projectTarget',
} as const;

/** The connections that the bundle gives this role. @throws BootProblem naming every connection that cannot be opened, and why. */
export function openConnections<C extends ConfigurableConnector>(
  runtime: Openers,
  role: ConnectionRole,
  connectors: readonly C[],
): OpenConnection<C>[] {
  const problems: string[] = [];
  const opened: OpenConnection<C>[] = [];
  for (const declaration of runtime.policy.current().connections.filter(({ roles }) => roles.includes(role))) {
    const connector = connectors.find(({ manifest }) => manifest.system === declaration.system);
    const where = `connection "${declaration.id}" (connections.yaml)`;
    if (connector === undefined) {
      const known = connectors.map(({ manifest }) => manifest.system).join(', ');
      problems.push(`${where}: there is no connector for the system "${declaration.system}"; there are: ${known}`);
      continue;
    }
    if (!(FACTORY[role] in connector)) {
      problems.push(`${where}: the connector "${declaration.system}" does not support the role "${role}"`);
      continue;
    }
    try {
      opened.push(open(runtime, declaration, connector));
    } catch (error) {
      problems.push(...reasonsOf(error).map((reason) => `${where}: ${reason}`));
    }
  }
  if (problems.length > 0) throw new BootProblem(problems);
  return opened;
}

function open<C extends ConfigurableConnector>(
  runtime: Openers,
  declaration: ConnectionDeclaration,
  connector: C,
): OpenConnection<C> {
  let parsed: { readonly from: string; readonly config: ReturnType<C['parseConfig']> } | undefined;
  const current = () => {
    const values = resolveAll(runtime.secrets, declaration.settings);
    const from = JSON.stringify(values);
    if (parsed?.from !== from) {
      const config = connector.parseConfig({ values, secrets: new Set(declaration.secrets) }) as ReturnType<C['parseConfig']>;
      parsed = { from, config };
    }
    return parsed.config;
  };
  current();
  return {
    declaration,
    connector,
    get config() {
      return current();
    },
    deps: { connection: declaration.id, clock: runtime.clock },
  };
}

class Unresolved extends Error {
  constructor(readonly problems: readonly string[]) {
    super(problems.join('; '));
  }
}

function resolveAll(secrets: SecretReader, settings: Readonly<Record<string, string>>): Record<string, string> {
  const values: Record<string, string> = {};
  const problems: string[] = [];
  for (const [name, reference] of Object.entries(settings)) {
    try {
      values[name] = secrets.resolve(reference);
    } catch (error) {
      problems.push(`setting "${name}": ${(error as Error).message}`);
    }
  }
  if (problems.length > 0) throw new Unresolved(problems);
  return values;
}

/** A connector's ConfigProblem carries a list; whatever else it throws carries a message. */
function reasonsOf(error: unknown): readonly string[] {
  const { problems } = error as { problems?: unknown };
  return Array.isArray(problems) ? problems.map(String) : [error instanceof Error ? error.message : String(error)];
}
