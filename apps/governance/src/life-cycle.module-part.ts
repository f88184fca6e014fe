import { WorkLoop } from '@tieout/persistence';
import { BundlesController } from './adapters/http/bundles.controller.js';
import { OverridesController } from './adapters/http/overrides.controller.js';
import { PolicyController } from './adapters/http/policy.controller.js';
import { RequestsController } from './adapters/http/requests.controller.js';
import type { Governance, PartFactory } from './app-part.js';
import { ActivateBundle } from './use-cases/activate-bundle.js';
import { ActivePolicy } from './use-cases/active-policy.js';
import { ChangeOverrides } from './use-cases/change-overrides.js';
import { DecideBundle } from './use-cases/decide-bundle.js';
import { takeFirstBundle } from './use-cases/first-start.js';
import { LookAtPolicy } from './use-cases/look-at-policy.js';
import { OperatorRequests, REQUEST_APPROVED_CHANNEL } from './use-cases/operator-requests.js';
import { PolicyChanges } from './use-cases/policy-changes.js';
import { PromoteBundle } from './use-cases/promote-bundle.js';
import { ProposeBundle } from './use-cases/propose-bundle.js';
import { PutBack } from './use-cases/put-back.js';
import { SendGranted } from './use-cases/send-granted.js';

const LEASE = { putBack: 'governance-put-back', due: 'governance-due' } as const;
const LEASE_MS = 15_000;
const DUE_EVERY_MS = 1_000;
const PUT_BACK_EVERY_MS = 3_000;
const UNSENT_EVERY_MS = 5_000;

/** Bundles from draft to retired, overrides, and commands that want a second person. */
export const lifeCyclePart: PartFactory = (governance) => {
  const activePolicy = new ActivePolicy();
  const changes = new PolicyChanges(governance, activePolicy);
  const activate = new ActivateBundle(governance, changes);
  const overrides = new ChangeOverrides(governance, changes);
  const requests = new OperatorRequests(governance, activePolicy);
  startLoops(governance, { activate, overrides, requests, sendGranted: new SendGranted(governance, activePolicy) });
  return {
    controllers: [BundlesController, PolicyController, OverridesController, RequestsController],
    providers: [
      { provide: ActivePolicy, useValue: activePolicy },
      { provide: LookAtPolicy, useValue: new LookAtPolicy(governance, activePolicy) },
      { provide: ProposeBundle, useValue: new ProposeBundle(governance, changes) },
      { provide: DecideBundle, useValue: new DecideBundle(governance, changes) },
      { provide: ActivateBundle, useValue: activate },
      { provide: PromoteBundle, useValue: new PromoteBundle(governance, changes) },
      { provide: ChangeOverrides, useValue: overrides },
      { provide: OperatorRequests, useValue: requests },
    ],
  };
};

interface Work {
  readonly activate: ActivateBundle;
  readonly overrides: ChangeOverrides;
  readonly requests: OperatorRequests;
  readonly sendGranted: SendGranted;
}

const startLoops = (governance: Governance, { activate, overrides, requests, sendGranted }: Work): void => {
  const { runtime } = governance;
  const putBack = new PutBack(governance);
  /** One replica is enough; that another one tried as well would do no harm. */
  const alone = (name: string, run: () => Promise<'more' | 'idle'>) => async (): Promise<'more' | 'idle'> =>
    (await runtime.leases.tryAcquire(name, runtime.instanceId, LEASE_MS)) === undefined ? 'idle' : run();
  const due = async (): Promise<'more' | 'idle'> => {
    const outcomes = [await activate.whenDue(), await overrides.whenDue(), await requests.expireOld()];
    return outcomes.includes('more') ? 'more' : 'idle';
  };
  const putBackLoop = new WorkLoop({
    ...runtime,
    name: 'what is in force stands on the stream',
    run: alone(LEASE.putBack, () => putBack.run()),
    pollMs: PUT_BACK_EVERY_MS,
  });
  const loops = [
    new WorkLoop({ ...runtime, name: 'changes that are due', run: alone(LEASE.due, due), pollMs: DUE_EVERY_MS }),
    putBackLoop,
    new WorkLoop({
      ...runtime,
      name: 'granted commands',
      run: () => sendGranted.run(),
      pollMs: UNSENT_EVERY_MS,
      wakeOn: REQUEST_APPROVED_CHANNEL,
    }),
  ];
  const off = runtime.link.onReconnect(() => {
    putBack.lookAtAll();
    putBackLoop.wake();
  });
  runtime.onReady(() => takeFirstBundle(governance));
  runtime.onReady(async () => loops.forEach((loop) => loop.start()));
  runtime.onStop(async () => {
    off();
    await Promise.all(loops.map((loop) => loop.stop()));
    await sendGranted.stop();
    // The next one goes on at once, and not when our lease is over.
    for (const lease of Object.values(LEASE)) await runtime.leases.release(lease, runtime.instanceId);
  });
};
