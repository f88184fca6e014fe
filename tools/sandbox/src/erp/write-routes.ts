import { setTimeout as delay } from 'node:timers/promises';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Panel } from '../kit/panel.js';
import type { SandboxProtocol } from '../kit/settings.js';
import { answerDone, VendorError } from '../kit/system.js';
import { allLocked, allRefused, book, bookedAnswer, headOf, resultsOf, screen } from './booking.js';
import type { ErpState, KeyUse } from './erp-state.js';
import type { NewJournal } from './erp-words.js';
import { checkShape } from './master-lists.js';
import type { TicketQueue } from './ticket-queue.js';

export interface Desk {
  readonly state: ErpState;
  readonly panel: Panel;
  readonly queue: TicketQueue;
}
interface WithJournal {
  Body: NewJournal;
}
interface ByNo {
  Params: { no: string };
}

const offered = (panel: Panel, protocol: SandboxProtocol): void => {
  if (panel.settings.protocol !== protocol) throw new VendorError(404, 'NOT_OFFERED', `this system does not offer ${protocol}`);
};
const work = async (panel: Panel, journal: NewJournal): Promise<void> => {
  checkShape(journal);
  const { latencyPerLineMs } = panel.settings;
  if (latencyPerLineMs > 0) await delay(latencyPerLineMs * journal.lines.length);
};
const queuedAnswer = (ticket: string): { status: number; body: unknown } => ({ status: 202, body: { ticket, state: 'queued' } });

/** Answers a key that was used: with what came of it, or (as some do) with an error that tells where to look. */
const replay = (desk: Desk, use: KeyUse, reply: FastifyReply): FastifyReply => {
  const ticket = use.ticket === undefined ? undefined : desk.state.tickets.get(use.ticket)!;
  const journalNo = use.journalNo ?? ticket?.journalNo;
  if (desk.panel.take('replay-as-error')) {
    const location = journalNo === undefined ? `/tickets/${ticket!.ticket}` : `/journals/${journalNo}`;
    void reply.header('location', location);
    throw new VendorError(400, 'IDEMPOTENCY_ERROR', 'a request with this Idempotency-Key was processed already');
  }
  void reply.header('idempotent-replay', 'true');
  const answer =
    journalNo === undefined
      ? queuedAnswer(ticket!.ticket)
      : bookedAnswer(desk.state.journals.get(journalNo)!, use.refused ?? ticket?.refused);
  return reply.status(answer.status).send(answer.body);
};

/** From here to the booking nothing waits: two requests with one key or reference cannot both find it unused. */
const bookNow = (desk: Desk, journal: NewJournal, key?: string): { status: number; body: unknown } => {
  const { state, panel } = desk;
  if (panel.settings.answersLater)
    return queuedAnswer(panel.take('created-nothing') ? `T${state.nextNo()}` : desk.queue.take(journal, key));
  const screened = screen(state, panel, journal, true);
  if (screened.lines.length === 0) return { status: 200, body: allRefused(screened.refused) };
  if (panel.take('all-failed')) return { status: 200, body: allLocked(journal) };
  if (panel.take('created-nothing'))
    return { status: 201, body: headOf({ ...journal, journalNo: state.nextNo(), postedAt: new Date().toISOString() }) };
  return bookedAnswer(book(state, panel, journal, screened, { key }), screened.refused);
};

const postJournal =
  (desk: Desk) =>
  async (request: FastifyRequest<WithJournal & { Querystring: { draft?: string } }>, reply: FastifyReply): Promise<unknown> => {
    const journal = request.body;
    const { panel, state } = desk;
    await work(panel, journal);
    if (request.query.draft === 'true') {
      offered(panel, 'draft-then-post');
      screen(state, panel, journal, false);
      return answerDone(panel, request, reply, { status: 201, body: { ...headOf(state.draft(journal)), state: 'draft' } });
    }
    const given = request.headers['idempotency-key'];
    const { protocol, idempotencyKeys } = panel.settings;
    const key = protocol === 'idempotency-key' && idempotencyKeys && typeof given === 'string' ? given : undefined;
    const use = key === undefined ? undefined : state.useOf(key, journal);
    if (use) return replay(desk, use, reply);
    return answerDone(panel, request, reply, bookNow(desk, journal, key));
  };

const putJournal =
  (desk: Desk) =>
  async (request: FastifyRequest<WithJournal & { Params: { reference: string } }>, reply: FastifyReply): Promise<unknown> => {
    const { panel, state } = desk;
    offered(panel, 'upsert');
    const journal = request.body;
    await work(panel, journal);
    if (journal.reference !== request.params.reference)
      throw new VendorError(400, 'REFERENCE', 'the reference of the journal is not that of the address');
    const [waiting] = state.queued(journal.reference);
    if (waiting !== undefined) return reply.status(202).send(queuedAnswer(waiting).body);
    const [standing] = state.byReference(journal.reference);
    if (!standing) return answerDone(panel, request, reply, bookNow(desk, journal));
    const screened = screen(state, panel, journal, true);
    const changed = state.replace(standing, { ...journal, lines: screened.lines });
    const { status, body } = bookedAnswer(changed, screened.refused);
    return answerDone(panel, request, reply, { status: status === 201 ? 200 : status, body });
  };

const postDraft =
  ({ state, panel }: Desk) =>
  async (request: FastifyRequest<ByNo>, reply: FastifyReply): Promise<unknown> => {
    const { no } = request.params;
    if (state.journals.has(no)) throw new VendorError(409, 'ALREADY_POSTED', `journal ${no} is posted`, { journalNo: no });
    const draft = state.drafts.get(no);
    if (!draft) throw new VendorError(404, 'NOT_FOUND', `there is no draft ${no}`);
    screen(state, panel, draft, false);
    if (panel.take('created-nothing')) return reply.send({ ...headOf(draft), state: 'posted' });
    return answerDone(panel, request, reply, { status: 200, body: { ...headOf(state.postDraft(no)), state: 'posted' } });
  };

const deleteDraft =
  ({ state }: Desk) =>
  (request: FastifyRequest<ByNo>, reply: FastifyReply): FastifyReply => {
    const { no } = request.params;
    if (state.journals.has(no)) throw new VendorError(409, 'ALREADY_POSTED', `journal ${no} is posted`);
    if (!state.drafts.has(no)) throw new VendorError(404, 'NOT_FOUND', `there is no draft ${no}`);
    state.deleteDraft(no);
    return reply.status(204).send();
  };

/** Lines that others booked before: taken as they are, with references of their own or none. */
const importJournals =
  ({ state }: Desk) =>
  (request: FastifyRequest<{ Body: { journals: readonly NewJournal[] } }>): { readonly journals: number } => {
    for (const journal of request.body.journals) {
      checkShape({ ...journal, reference: journal.reference ?? '' });
      const lines = journal.lines.map((line, n) => ({
        ...line,
        lineRef: line.lineRef ?? `${journal.reference || 'line'}-${n + 1}`,
      }));
      state.book({ ...journal, reference: journal.reference ?? '', lines });
    }
    return { journals: request.body.journals.length };
  };

export const writeRoutes = (app: FastifyInstance, desk: Desk): void => {
  app.post('/journals', postJournal(desk));
  app.post('/journals/import', importJournals(desk));
  app.put('/journals/by-reference/:reference', putJournal(desk));
  app.post('/journals/:no/post', postDraft(desk));
  app.delete('/journals/:no', deleteDraft(desk));
  app.get<{ Params: { ticket: string } }>('/tickets/:ticket', (request) => {
    const ticket = desk.state.tickets.get(request.params.ticket);
    if (!ticket) throw new VendorError(404, 'NOT_FOUND', `there is no ticket ${request.params.ticket}`);
    const { journal: _journal, refused, error, ...rest } = ticket;
    // `error` in a 200 is what this ERP answers when it is broken.
    return { ...rest, ...(refused && { results: resultsOf(refused) }), ...(error && { problem: error }) };
  });
};
