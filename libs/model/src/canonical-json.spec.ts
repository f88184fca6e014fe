import fc from 'fast-check';
import { v5 } from 'uuid';
import { describe, expect, it } from 'vitest';
import { canonicalJson, contentHash } from './canonical-json.js';

describe('canonicalJson', () => {
  it('is JSON of the same value, whatever the order of its keys', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(JSON.parse(canonicalJson(value))).toEqual(JSON.parse(JSON.stringify(value)));
      }),
    );
    expect(canonicalJson({ b: [1, { d: 'ü', c: null }], a: undefined })).toBe('{"b":[1,{"c":null,"d":"ü"}]}');
  });
});

describe('contentHash', () => {
  // Stored beside every line and document: it must never change.
  it.each([
    [{ a: 1, b: 'ü' }, contentHashOf('{"a":1,"b":"ü"}')],
    [{ text: 'long '.repeat(100) }, contentHashOf(`{"text":"${'long '.repeat(100)}"}`)],
  ])('is that of the text, short or long', (value, expected) => {
    expect(contentHash(value)).toBe(expected);
  });
});

function contentHashOf(text: string): string {
  return v5(text, '0b0e6a0e-3f6b-5f58-8f0e-7d1f0b7f5c1d');
}
