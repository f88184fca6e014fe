/** A small bundle that compiles; specs change one file of it. */
export const GOOD_BUNDLE: Readonly<Record<string, string>> = {
  'connections.yaml': `connections:
  time:
    system: sandbox-psa
    roles: [time, master-data]
    settings: { url: env:PSA_URL, key: env:PSA_KEY }
    secrets: [key]
    kinds: [worker, project]
  books:
    system: sandbox-erp
    roles: [posting]
`,
  'systems-of-record.yaml': `systemsOfRecord:
  worker: time
  project:
    default: time
    attributes: { name: time }
`,
  'mappings.yaml': `mappings:
  time:
    fields:
      workerCode: { from: employee.number, case: upper }
      projectCode: project
      activity: activity
      payCode: { from: activity, values: { Development: REG, Travel: TRV } }
      workDate: { from: date, format: d.M.yyyy }
      hours: { from: duration, decimalSeparator: ',' }
      billable: { from: billable, values: { ja: 'true', nein: 'false' } }
    approval:
      approved: { field: status, equals: [Approved, Released] }
      approvedAt: approval.at
      approvedBy: { from: approval.by, case: upper }
`,
  'validation.yaml': `hoursPerEntry: { min: 0.25, max: 24 }
dailyLimitHours: 16
selfApproval: barred
approvers:
  default: anyone
  legalEntities: { DE01: [E1, E2] }
projectGraceDays:
  default: 7
  regions: { NA: 5, EMEA: 3 }
unknownKeyGrace: PT4H
intercompany: hold
requireTask: false
requirePayCode: true
overlap: hold
`,
  'calendars.yaml': `lateOriginals: hold
lateCorrections: first-open-period
closingTakes: [correction]
`,
  'accounts.yaml': `rates: { costRateDate: work-date, billRateDate: work-date, amountCurrency: legal-entity }
accounts:
  - when: { legalEntities: [DE01], workerTypes: [contractor] }
    account: 0520
    balancingAccount: 2150
  - account: '6100'
    balancingAccount: 2100
`,
  'routing.yaml': `routes:
  default: [books]
  legalEntities: { IN01: [] }
`,
  'priorities.yaml': `severities:
  - severity: critical
    when: { impacts: [payroll], hoursToCutOffAtMost: 24 }
  - severity: high
    when: { amountAtLeast: { EUR: 1000 } }
  - severity: low
    when: { reasons: [MASTER_DATA_DRIFT], hoursAtLeast: 8 }
otherwise: normal
`,
  'slas.yaml': `dueIn: { critical: PT4H, high: P1D, normal: P3D, low: P7D }
`,
  'ownership.yaml': `teams: [finance-operations, payroll-operations, project-operations, hr-operations, integration-platform, berlin]
owners:
  reasons: { OVERLAP: hr-operations }
  legalEntities:
    DE01:
      default: berlin
      reasons: { NO_ROUTE: integration-platform }
`,
  'approvals.yaml': `approvers:
  connections: [platform]
  systems-of-record: [enterprise-architecture]
  mappings: [enterprise-architecture]
  validation: [service-operations]
  calendars: [finance]
  accounts: [finance]
  routing: [finance]
  priorities: [service-operations]
  slas: [service-operations]
  ownership: [service-operations]
  approvals: [enterprise-architecture, finance]
  federation: [enterprise-architecture]
  retention: [platform]
  overrides: [finance]
  contracts: [enterprise-architecture]
proposalsExpireAfter: P14D
activate: [platform]
rollBack: [platform]
declareEmergency: [platform]
reviewWithin: P3D
secondPerson:
  bulk-fix: { lines: 25, amounts: { EUR: 10000 } }
  replay: { lines: 100 }
  adopt: { lines: 0 }
  settle: { lines: 0 }
  reverse-surplus: { amounts: { EUR: 500, USD: 600 } }
  accrue: {}
  accept-difference: { lines: 0 }
  override: { lines: 0 }
`,
};
