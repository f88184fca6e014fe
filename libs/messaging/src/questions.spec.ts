import { describe, expect, it } from 'vitest';
import { NatsLink } from './link.js';
import { AnswerProblem, Questions, readAnswer } from './questions.js';

const link = new NatsLink({ servers: 'nats://127.0.0.1:1', name: 'nobody' });

describe('answers', () => {
  it('are read from the envelope', () => {
    expect(readAnswer('qry.x', '{"response":{"found":true},"isDisposed":true,"id":"1"}')).toEqual({ found: true });
    expect(() => readAnswer('qry.x', '<html>')).toThrow('not JSON');
  });

  it.each([
    [
      '{"err":{"status":404,"title":"No such entry","detail":"E-1","code":"NOT_FOUND"}}',
      { status: 404, title: 'No such entry', detail: 'E-1', code: 'NOT_FOUND' },
    ],
    ['{"err":{"status":"error","message":"Internal server error"}}', { status: 500, title: 'Internal server error' }],
    ['{"err":"There is no matching message handler"}', { status: 500, title: 'There is no matching message handler' }],
  ])('that say no become a problem: %s', (text, expected) => {
    const thrown = (() => {
      try {
        return readAnswer('qry.x', text);
      } catch (error) {
        return error;
      }
    })();
    expect(thrown).toBeInstanceOf(AnswerProblem);
    expect(thrown).toMatchObject(expected);
  });

  it('are not waited for without a connection', async () => {
    await expect(new Questions(link).ask('qry.x', {})).rejects.toMatchObject({ kind: 'Unavailable' });
  });
});
