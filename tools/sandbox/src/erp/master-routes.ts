import type { FastifyInstance } from 'fastify';
import { VendorError } from '../kit/system.js';
import type { ErpState } from './erp-state.js';
import { DIMENSIONS, type Dimension, type ErpPeriod, type PeriodState } from './erp-words.js';

const MAX_PAGE = 1000;

export const masterRoutes = (app: FastifyInstance, state: ErpState): void => {
  app.get('/companies', () => ({ items: [...state.companies.values()] }));
  app.put<{ Params: { code: string }; Body: { currency: string } }>('/companies/:code', (request) => {
    state.putCompany(request.params.code, request.body.currency);
    return state.companies.get(request.params.code);
  });
  app.get<{ Querystring: { after?: string; limit?: string } }>('/accounting-periods', (request) => {
    const { after = '' } = request.query;
    const limit = Math.min(Number(request.query.limit ?? MAX_PAGE), MAX_PAGE);
    const rest = [...state.periods.entries()].filter(([id]) => id > after).sort(([a], [b]) => (a < b ? -1 : 1));
    return {
      items: rest.slice(0, limit).map(([id, period]) => ({ id, ...period })),
      next: rest.length > limit ? rest[limit - 1]![0] : null,
    };
  });
  app.put<{ Params: { company: string; name: string }; Body: { from?: string; to?: string; state: PeriodState } }>(
    '/accounting-periods/:company/:name',
    (request) => {
      const { company, name } = request.params;
      const known: Partial<ErpPeriod> = state.periods.get(`${company}/${name}`) ?? {};
      const { from = known.from ?? '', to = known.to ?? '', state: to_ } = request.body;
      state.putPeriod({ company, name, from, to, state: to_ });
      return state.periods.get(`${company}/${name}`);
    },
  );
  app.post<{ Params: { dimension: Dimension }; Body: { codes: string[] } }>('/dimensions/:dimension', (request) => {
    const { dimension } = request.params;
    if (!DIMENSIONS.includes(dimension)) throw new VendorError(404, 'NOT_FOUND', `dimensions are ${DIMENSIONS.join(', ')}`);
    state.addCodes(dimension, request.body.codes);
    return { count: state.dimensions[dimension].size };
  });
};
