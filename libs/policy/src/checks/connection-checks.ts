import type { Bundle } from '../bundle/schemas.js';
import type { ConnectionRole } from '../compiled-policy.js';
import { feedsOf } from '../compile/feeds.js';
import { nearest } from '../reading/nearest.js';

type Connections = Bundle['connections.yaml']['connections'];
type Report = (message: string, fix: string) => void;

const declared = (connections: Connections, id: string, report: Report): Connections[string] | undefined => {
  if (Object.hasOwn(connections, id)) return connections[id];
  const known = Object.keys(connections);
  const near = nearest(id, known);
  report(
    `connection "${id}" is not declared in connections.yaml`,
    near ? `did you mean "${near}"?` : `declare it, or use one of ${known.join(', ')}`,
  );
  return undefined;
};

/** @returns false after it has reported that the connection is unknown or lacks the role. */
export const meets = (connections: Connections, id: string, role: ConnectionRole, report: Report): boolean => {
  const connection = declared(connections, id, report);
  if (connection && !connection.roles.includes(role))
    report(
      `connection "${id}" does not have the role ${role}`,
      `add "${role}" to its roles in connections.yaml, or name another connection`,
    );
  return connection?.roles.includes(role) ?? false;
};

/** Reports unless the connection is a destination of some feed. */
export const meetsAny = (connections: Connections, id: string, report: Report): void => {
  const connection = declared(connections, id, report);
  if (connection && feedsOf(connection).length === 0)
    report(`connection "${id}" is no destination`, 'name a connection with the role posting, payroll or analytics');
};
