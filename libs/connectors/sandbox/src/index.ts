import type { Connector } from '@tieout/connector-kit';
import { crmClient, erpClient, hrClient, psaClient } from './client/sandbox-client.js';
import { parsePsaConfig, parseSandboxConfig, type PsaConfig, type SandboxConfig } from './config.js';
import { ErpControlReader, PsaControlReader } from './control-reader.js';
import { erpCapabilities, parseErpConfig, type ErpConfig } from './erp/erp-config.js';
import { erpTarget } from './erp/erp-target.js';
import { CRM_MANIFEST, ERP_MANIFEST, HR_MANIFEST, projectCapabilities, PSA_MANIFEST } from './manifest.js';
import { crmMasterData, erpMasterData, hrMasterData, psaMasterData } from './master-data-source.js';
import { PAYROLL_MANIFEST, payrollClient } from './payroll/payroll-connector.js';
import { PayrollControlReader } from './payroll/payroll-control-reader.js';
import { PayrollPostingTarget } from './payroll/payroll-target.js';
import { erpProjects, psaProjects } from './project-target.js';
import { PsaTimeSource } from './time-source.js';
import { PsaWebhookReceiver } from './webhook-receiver.js';

export const sandboxPsa: Connector<PsaConfig> = {
  manifest: PSA_MANIFEST,
  parseConfig: parsePsaConfig,
  timeSource: (config, deps) => new PsaTimeSource(psaClient(config, deps.fetch), config),
  webhookReceiver: (config, deps) => new PsaWebhookReceiver(config.webhookSecret, deps.clock),
  masterDataSource: (config, deps) => psaMasterData(psaClient(config, deps.fetch), config.pageSize),
  projectTarget: (config, deps) => psaProjects(psaClient(config, deps.fetch)),
  projectCapabilities,
  controlReader: (config, deps) => new PsaControlReader(psaClient(config, deps.fetch), config.pageSize),
};

export const sandboxHr: Connector<SandboxConfig> = {
  manifest: HR_MANIFEST,
  parseConfig: parseSandboxConfig,
  masterDataSource: (config, deps) => hrMasterData(hrClient(config, deps.fetch), config.pageSize),
};

export const sandboxCrm: Connector<SandboxConfig> = {
  manifest: CRM_MANIFEST,
  parseConfig: parseSandboxConfig,
  masterDataSource: (config, deps) => crmMasterData(crmClient(config, deps.fetch), config.pageSize),
};

export const sandboxErp: Connector<ErpConfig> = {
  manifest: ERP_MANIFEST,
  parseConfig: parseErpConfig,
  postingCapabilities: erpCapabilities,
  masterDataSource: (config, deps) => erpMasterData(erpClient(config, deps.fetch), config.pageSize),
  projectTarget: (config, deps) => erpProjects(erpClient(config, deps.fetch)),
  projectCapabilities,
  postingTarget: (config, deps) => erpTarget(erpClient(config, deps.fetch), config),
  controlReader: (config, deps) => new ErpControlReader(erpClient(config, deps.fetch), config.pageSize),
};

export const sandboxPayroll: Connector<SandboxConfig> = {
  manifest: PAYROLL_MANIFEST,
  parseConfig: parseSandboxConfig,
  postingTarget: (config, deps) => new PayrollPostingTarget(payrollClient(config, deps.fetch), config.pageSize),
  controlReader: (config, deps) => new PayrollControlReader(payrollClient(config, deps.fetch), config.pageSize),
};
