import type { ReasonCode } from '@tieout/model';
import { describe, expect, it } from 'vitest';
import { chargeRefusals, type ChargeQuestion } from './may-charge.js';

const question = (change: Partial<ChargeQuestion> = {}): ChargeQuestion => ({
  on: '2026-11-10',
  projectCode: 'P-1',
  workerCode: 'E1',
  taskCode: 'T1',
  project: { code: 'P-1', attributes: { code: 'P-1', legalEntity: 'DE01' } },
  worker: { code: 'E1', attributes: { code: 'E1', legalEntity: 'DE01' } },
  task: { code: 'P-1/T1', attributes: { code: 'P-1/T1' } },
  assignment: undefined,
  rules: { projectGraceDays: 3, requireTask: false, intercompany: 'hold' },
  ...change,
});
const project = (attributes: object) => ({
  project: { code: 'P-1', attributes: { code: 'P-1', legalEntity: 'DE01', ...attributes } },
});
const worker = (attributes: object) => ({
  worker: { code: 'E1', attributes: { code: 'E1', legalEntity: 'DE01', ...attributes } },
});

describe('chargeRefusals', () => {
  it.each<[Partial<ChargeQuestion>, ReasonCode[]]>([
    [{}, []],
    [{ workerCode: undefined, worker: undefined }, []],
    [{ worker: undefined }, ['UNKNOWN_WORKER']],
    [{ worker: 'ambiguous' }, ['AMBIGUOUS_IDENTITY']],
    [worker({ activeTo: '2026-11-09' }), ['INACTIVE_WORKER']],
    [worker({ activeTo: '2026-11-10', activeFrom: '2026-11-10' }), []],
    [worker({ legalEntity: undefined }), ['UNKNOWN_WORKER']],
    [{ project: undefined }, ['UNKNOWN_PROJECT']],
    [{ project: 'ambiguous' }, ['AMBIGUOUS_IDENTITY']],
    [project({ activeTo: '2026-11-07' }), []],
    [project({ activeTo: '2026-11-06' }), ['INACTIVE_PROJECT']],
    [project({ activeFrom: '2026-11-11' }), ['INACTIVE_PROJECT']],
    [project({ legalEntity: 'US01' }), ['INTERCOMPANY_NOT_ALLOWED']],
    [
      {
        ...project({ legalEntity: 'US01' }),
        rules: { projectGraceDays: 0, requireTask: false, intercompany: 'allow-labour-cost' },
      },
      [],
    ],
    [{ task: undefined }, ['UNKNOWN_TASK']],
    [{ task: 'ambiguous' }, ['AMBIGUOUS_IDENTITY']],
    [{ task: { code: 'P-1/T1', attributes: { code: 'P-1/T1', activeTo: '2026-11-09' } } }, ['CLOSED_TASK']],
    [{ taskCode: undefined, task: undefined }, []],
    [
      { taskCode: undefined, task: undefined, rules: { projectGraceDays: 0, requireTask: true, intercompany: 'hold' } },
      ['UNKNOWN_TASK'],
    ],
    [project({ assignedOnly: 'true' }), ['NOT_ASSIGNED']],
    [{ ...project({ assignedOnly: 'true' }), assignment: { code: 'P-1/E1', attributes: { code: 'P-1/E1' } } }, []],
    [
      {
        ...project({ assignedOnly: 'true' }),
        assignment: { code: 'P-1/E1', attributes: { code: 'P-1/E1', activeTo: '2026-11-09' } },
      },
      ['NOT_ASSIGNED'],
    ],
    [{ worker: undefined, project: undefined, task: undefined }, ['UNKNOWN_WORKER', 'UNKNOWN_PROJECT']],
  ])('%j: %j', (change, reasons) => {
    expect(chargeRefusals(question(change)).map(({ reason }) => reason)).toEqual(reasons);
  });
});
