import { setTimeout as delay } from 'node:timers/promises';
import { Refused } from './operate.js';
import {
  activateChange,
  approveChange,
  proposeChange,
  servicesUnder,
  untilInForce,
  type PolicyChangeOrder,
} from './policy-change.js';
import type { Tieout } from './tieout.js';

export interface GovernanceCheck {
  readonly name: string;
  readonly expected: string | number;
  readonly found: string | number;
  readonly ok: boolean;
}

const FOLLOW_MS = 30_000;
const READY_MS = 60_000;
const WORDING = 'reason: year end';
const AGREED = `${WORDING} (agreed)`;

/** Words of a freeze: a change of policy that changes no verdict, so that everything else must stay exact. Back and forth at each run. */
const REWORDING: PolicyChangeOrder = {
  edit: (files) =>
    files.map(({ name, text }) =>
      name === 'calendars.yaml'
        ? { name, text: text.includes(AGREED) ? text.replace(AGREED, WORDING) : text.replace(WORDING, AGREED) }
        : { name, text },
    ),
  why: 'the year-end freeze is agreed',
  author: 'finn-finance',
  approvers: ['fay-finance'],
  activator: 'pia-platform',
};

const check = (name: string, expected: string | number, found: string | number): GovernanceCheck => ({
  name,
  expected,
  found,
  ok: expected === found,
});

/** A change of policy from proposal to every service, and governance killed: what nobody may notice. */
export const checkGovernance = async (tieout: Tieout, say: (text: string) => void): Promise<GovernanceCheck[]> => {
  const all = tieout.services.length;
  const active = async () => (await tieout.call<{ digest: string }>('governance', 'GET', '/policy/active')).digest;
  const before = await active();
  const checks = [check('services that decide by the active bundle', all, (await servicesUnder(tieout, before)).length)];

  const proposal = await proposeChange(tieout, REWORDING);
  const own = await approveChange(tieout, proposal, REWORDING.author).then(
    () => 'taken',
    (error: unknown) => (error instanceof Refused ? 'refused' : String(error)),
  );
  checks.push(check('approval of a change by its own author', 'refused', own));
  const processes = () => tieout.services.map((service) => tieout.pidOf(service)).join();
  const running = processes();
  for (const person of REWORDING.approvers) await approveChange(tieout, proposal, person);
  await activateChange(tieout, proposal, REWORDING.activator);
  const startedAt = performance.now();
  const followed = await untilInForce(tieout, proposal.digest, FOLLOW_MS);
  say(
    `a change of policy is in force in ${followed.length} services after ${((performance.now() - startedAt) / 1000).toFixed(1)} s`,
  );
  checks.push(check('services that took the approved change', all, followed.length));
  checks.push(check('processes started anew for it', 'none', processes() === running ? 'none' : 'some'));

  tieout.kill('governance', 'SIGKILL');
  const others = tieout.services.filter((service) => service !== 'governance');
  await delay(500);
  const without = (await servicesUnder(tieout, proposal.digest)).filter((service) => service !== 'governance');
  checks.push(check('services that go on while governance is killed', others.length, without.length));
  await tieout.waitUntilReady(READY_MS);
  checks.push(check('active bundle after governance is back', proposal.digest.slice(0, 12), (await active()).slice(0, 12)));
  return checks;
};
