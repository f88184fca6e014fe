const HEAD_END = Buffer.from('\r\n\r\n');

/** The bytes of one HTTP/1 message as they come in: where its head ends, and whether it is whole. Chunked bodies are not understood. */
export class HttpMessage {
  #bytes: Buffer = Buffer.alloc(0);
  #bodyAt: number | undefined;
  #bodyLength = 0;

  push(chunk: Buffer): void {
    this.#bytes = Buffer.concat([this.#bytes, chunk]);
    if (this.#bodyAt !== undefined) return;
    const end = this.#bytes.indexOf(HEAD_END);
    if (end === -1) return;
    this.#bodyAt = end + HEAD_END.length;
    const head = this.#bytes.subarray(0, end).toString('latin1');
    this.#bodyLength = Number(/\r\ncontent-length: *(\d+)/i.exec(head)?.[1] ?? 0);
  }

  get bytes(): Buffer {
    return this.#bytes;
  }
  get whole(): boolean {
    return this.#bodyAt !== undefined && this.#bytes.length >= this.#bodyAt + this.#bodyLength;
  }
  get body(): string {
    return this.#bodyAt === undefined ? '' : this.#bytes.subarray(this.#bodyAt).toString();
  }
  /** The head and half of the body that is announced; undefined until so much is here. */
  get half(): Buffer | undefined {
    if (this.#bodyAt === undefined) return undefined;
    const end = this.#bodyAt + Math.floor(this.#bodyLength / 2);
    return this.#bytes.length >= end ? this.#bytes.subarray(0, end) : undefined;
  }
}
