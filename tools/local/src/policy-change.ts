import { setTimeout as delay } from 'node:timers/promises';
import type { Person } from './persons.js';
import type { Tieout } from './tieout.js';

export type PolicyFiles = readonly { readonly name: string; readonly text: string }[];

/** Who does what: nobody approves what is their own. */
export interface PolicyChangeOrder {
  readonly edit: (files: PolicyFiles) => PolicyFiles;
  readonly why: string;
  readonly author: Person;
  readonly approvers: readonly Person[];
  readonly activator: Person;
}

export interface Proposal {
  readonly bundleId: string;
  readonly digest: string;
}

export const activeFiles = async (tieout: Tieout): Promise<PolicyFiles> =>
  (await tieout.call<{ files: PolicyFiles }>('governance', 'GET', '/policy/active?files=true')).files;

/** The bundle in force, with this change, for others to look at. */
export const proposeChange = async (tieout: Tieout, { edit, why, author }: PolicyChangeOrder): Promise<Proposal> => {
  const call = tieout.as(author);
  const files = edit(await activeFiles(tieout));
  const { bundleId } = await call<Proposal>('governance', 'POST', '/policy/bundles', { files });
  return call<Proposal>('governance', 'POST', `/policy/bundles/${bundleId}/propose`, { why });
};

/** @throws Refused where policy does not let this person */
export const approveChange = (tieout: Tieout, { bundleId, digest }: Proposal, person: Person): Promise<unknown> =>
  tieout.as(person)('governance', 'POST', `/policy/bundles/${bundleId}/approve`, { digest });

export const activateChange = (tieout: Tieout, { bundleId }: Proposal, person: Person): Promise<unknown> =>
  tieout.as(person)('governance', 'POST', `/policy/bundles/${bundleId}/activate`, {});

/** From proposal to activation, as people do it. Returns when governance has said so; services follow within seconds. */
export const changePolicy = async (tieout: Tieout, order: PolicyChangeOrder): Promise<Proposal> => {
  const proposal = await proposeChange(tieout, order);
  for (const person of order.approvers) await approveChange(tieout, proposal, person);
  await activateChange(tieout, proposal, order.activator);
  return proposal;
};

const LOOK_MS = 200;

/** Which services' first replicas decide by this bundle now. One that is away decides by none. */
export const servicesUnder = async (tieout: Tieout, digest: string): Promise<string[]> => {
  const answers = await Promise.all(
    tieout.services.map(async (service) => {
      const policy = await tieout.call<{ digest: string }>(service, 'GET', '/policy').catch(() => undefined);
      return policy?.digest === digest ? service : undefined;
    }),
  );
  return answers.filter((service) => service !== undefined);
};

/** Until every service decides by it. @returns those that did in time */
export const untilInForce = async (tieout: Tieout, digest: string, timeoutMs: number): Promise<string[]> => {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    const under = await servicesUnder(tieout, digest);
    if (under.length === tieout.services.length || Date.now() > deadline) return under;
    await delay(LOOK_MS);
  }
};
