import { projectCapabilitiesOf, type Connector, type ProjectCapabilities, type ProjectTarget } from '@tieout/connector-kit';
import type { ConnectionId } from '@tieout/model';
import type { OpenConnection } from '@tieout/service-kit';

/** The connections that make projects. */
export class ProjectTargets {
  constructor(private readonly connections: readonly OpenConnection<Connector>[]) {}

  /** undefined: the bundle does not give this connection the role project any more. */
  find(id: ConnectionId): { readonly target: ProjectTarget; readonly capabilities: ProjectCapabilities } | undefined {
    const open = this.connections.find(({ declaration }) => declaration.id === id);
    if (!open) return undefined;
    const { connector, config, deps } = open;
    return { target: connector.projectTarget!(config, deps), capabilities: projectCapabilitiesOf(connector, config)! };
  }

  /** Whether what is made there is read back as master data. */
  readBack(id: ConnectionId): boolean {
    const { declaration, connector } = this.connections.find((open) => open.declaration.id === id) ?? {};
    const offered = connector?.manifest.masterData?.kinds.includes('project') ?? false;
    return offered && declaration!.roles.includes('master-data') && (declaration!.kinds?.includes('project') ?? true);
  }
}
