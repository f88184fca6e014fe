import { ValidationPipe, type ValidationError } from '@nestjs/common';
import { Problem, type ProblemDetail } from './problem.js';

const flatten = (errors: readonly ValidationError[], path = ''): ProblemDetail[] =>
  errors.flatMap(({ property, constraints, children }) => {
    const where = path === '' ? property : `${path}.${property}`;
    return [...Object.values(constraints ?? {}).map((why) => ({ where, why })), ...flatten(children ?? [], where)];
  });

/** Bodies, queries, commands and questions against their classes. Unknown fields pass: a newer caller may send more than we know. */
export const createValidationPipe = (): ValidationPipe =>
  new ValidationPipe({
    transform: true,
    validationError: { target: false, value: false },
    exceptionFactory: (errors) =>
      new Problem(
        400,
        'invalid-request',
        'The request is wrong',
        'Some fields are missing or wrong.',
        'Correct the fields named in "errors" and send the request again.',
        flatten(errors),
      ),
  });
