import type { MasterKind } from '@tieout/model';
import type { CompiledPolicy, ConnectionDeclaration } from '@tieout/policy';
import { BootProblem } from '@tieout/service-kit';

/** In `connections.yaml`: a system that we never call, for it sends by itself. It needs no connector. */
export const PUSH = 'push';

export const sendsItself = ({ system, roles }: ConnectionDeclaration): boolean =>
  system === PUSH && roles.includes('master-data');

export interface PushRefused {
  readonly status: 403 | 404 | 409;
  readonly code: string;
  readonly detail: string;
  readonly whatToDo: string;
}

/** Which connections send by themselves, and who may send for which: one system must not speak for another. */
export class PushConnections {
  constructor(private readonly policy: () => Pick<CompiledPolicy, 'connections'>) {}

  /** @throws BootProblem where a connection does not say whose token it comes with */
  check(): void {
    const problems = this.#all()
      .filter(({ settings }) => !settings['client'])
      .map(
        ({ id }) =>
          `connection "${id}" (connections.yaml): a system that sends by itself needs the setting "client": the client id that its token is for`,
      );
    if (problems.length > 0) throw new BootProblem(problems);
  }

  whyNot(connection: string, kind: MasterKind, actor: string): PushRefused | undefined {
    const declaration = this.#all().find(({ id }) => id === connection);
    if (declaration === undefined)
      return {
        status: 404,
        code: 'unknown-connection',
        detail: `No connection "${connection}" has the system "${PUSH}" and the role master-data.`,
        whatToDo: 'Declare it in connections.yaml of the policy bundle, or use one that is declared.',
      };
    if (actor !== `service:${declaration.settings['client'] ?? ''}`)
      return {
        status: 403,
        code: 'not-this-system',
        detail: `Connection "${connection}" is another client's.`,
        whatToDo: 'Use the token of the client that connections.yaml names for it.',
      };
    if (declaration.kinds && !declaration.kinds.includes(kind))
      return {
        status: 409,
        code: 'kind-not-expected',
        detail: `Connection "${connection}" is not expected to send ${kind}.`,
        whatToDo: `It may send ${declaration.kinds.join(', ')}; others are named in connections.yaml.`,
      };
    return undefined;
  }

  #all(): ConnectionDeclaration[] {
    return this.policy().connections.filter(sendsItself);
  }
}
