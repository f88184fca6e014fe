import { Controller, Inject, type Type } from '@nestjs/common';
import { MessagePattern, Payload } from '@nestjs/microservices';
import {
  AuditHeadsV1,
  AuditLinksV1,
  AuditPageV1,
  auditHeadsSubject,
  auditLinksSubject,
  auditPageSubject,
  ErasePersonalV1,
  erasePersonalSubject,
  type AuditHeadsAnswerV1,
  type AuditLinksAnswerV1,
  type AuditPageAnswerV1,
  type Context,
  type ErasePersonalAnswerV1,
} from '@tieout/contracts';
import { UNASSIGNED } from '@tieout/model';
import { appendAudit, auditBodyHashes, auditHeads, auditPage, auditWaiting, erasePersonal } from '@tieout/persistence';
import { RUNTIME, type ServiceRuntime } from './runtime.js';

/** NATS carries a megabyte in one message, and the texts' quotes are written as two letters in it. */
const PAGE_BYTES = 450_000;

/** Every service answers for its own audit. A class per service, because the subjects carry the context. */
export function auditControllerFor(context: Context): Type {
  @Controller()
  class AuditController {
    constructor(@Inject(RUNTIME) private readonly runtime: ServiceRuntime) {}

    @MessagePattern<string>(auditHeadsSubject(context))
    async heads(@Payload() { chain }: AuditHeadsV1): Promise<AuditHeadsAnswerV1> {
      const { database } = this.runtime;
      return { heads: await auditHeads(database, chain), waiting: await auditWaiting(database) };
    }

    @MessagePattern<string>(auditLinksSubject(context))
    async links(@Payload() { chain, afterSeq, limit }: AuditLinksV1): Promise<AuditLinksAnswerV1> {
      return { bodyHashes: await auditBodyHashes(this.runtime.database, chain, afterSeq, limit) };
    }

    @MessagePattern<string>(auditPageSubject(context))
    page(@Payload() { chain, afterSeq, limit }: AuditPageV1): Promise<AuditPageAnswerV1> {
      return auditPage(this.runtime.database, { chain, afterSeq, limit, bytes: PAGE_BYTES });
    }

    @MessagePattern<string>(erasePersonalSubject(context))
    erase(@Payload() { actor, subjectKind, subjectId, reason }: ErasePersonalV1): Promise<ErasePersonalAnswerV1> {
      const { database, clock, policy } = this.runtime;
      return database.transaction(async (tx) => {
        const erased = await erasePersonal(tx, { kind: subjectKind, id: subjectId });
        await appendAudit(
          tx,
          [
            {
              actor,
              action: 'audit.personal-erased',
              subjectKind,
              subjectId,
              legalEntityId: UNASSIGNED,
              after: { values: erased },
              policyDigest: policy.current().digest,
              reason,
            },
          ],
          clock.now(),
        );
        return { erased };
      });
    }
  }
  return AuditController;
}
