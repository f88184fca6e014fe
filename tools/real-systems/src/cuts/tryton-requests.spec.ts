import { expect, it } from 'vitest';
import { readTrytonRequest } from './tryton-requests.js';

const body = (method: string, ...params: unknown[]): string => JSON.stringify({ id: 1, method, params: [...params, {}] });

it('tells what writes, and for which move', () => {
  expect(readTrytonRequest(body('model.account.move.create', [{ description: 'key-1', lines: [] }]))).toEqual({
    effect: 'writing',
    subject: 'model.account.move.create key-1',
  });
  expect(readTrytonRequest(body('model.account.move.post', [17]))).toEqual({
    effect: 'writing',
    subject: 'model.account.move.post 17',
  });
  expect(readTrytonRequest(body('model.account.move.search_read', []))).toMatchObject({ effect: 'reading' });
});
