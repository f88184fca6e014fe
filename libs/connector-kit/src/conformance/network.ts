type Fetch = typeof fetch;

const failure = (code: string): TypeError => new TypeError('fetch failed', { cause: Object.assign(new Error(code), { code }) });

/** Nobody listens: nothing was sent. */
export const refused: Fetch = () => Promise.reject(failure('ECONNREFUSED'));

/** The other side takes the request and never answers; only the caller's own deadline ends it. */
export const silent: Fetch = (_input, init) =>
  new Promise((_resolve, reject) => {
    const signal = init?.signal;
    if (!signal) return; // A connector without a deadline hangs here, and the suite says so.
    const end = (): void => reject(signal.reason as Error);
    if (signal.aborted) end();
    else signal.addEventListener('abort', end, { once: true });
  });

export const answering =
  (status: number, body: string, headers: Record<string, string> = {}): Fetch =>
  () =>
    Promise.resolve(new Response(body, { status, headers }));

export interface SeenRequest {
  readonly method: string;
  readonly url: string;
  readonly body: string;
}

const seen = (input: Parameters<Fetch>[0], init: RequestInit | undefined): SeenRequest => ({
  method: init?.method ?? 'GET',
  url: input instanceof Request ? input.url : String(input),
  body: typeof init?.body === 'string' ? init.body : '',
});

/** Lets chosen requests through to the vendor and loses their answers: committed there, unknown here. */
export const cutAfter =
  (chosen: (request: SeenRequest) => boolean): Fetch =>
  async (input, init) => {
    const response = await fetch(input, init);
    if (!chosen(seen(input, init))) return response;
    await response.arrayBuffer();
    throw failure('ECONNRESET');
  };

/** Reads go to the vendor; writes meet `network` instead. */
export const forWrites =
  (network: Fetch): Fetch =>
  (input, init) =>
    seen(input, init).method === 'GET' ? fetch(input, init) : network(input, init);
