import { Readable } from 'node:stream';
import { StorageError } from './storage-error.js';

/** Rejects when `work` takes longer; for SDKs without a time limit of their own. The work itself goes on until its socket ends. */
export async function within<T>(timeoutMs: number, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${timeoutMs} ms`)), timeoutMs);
  });
  try {
    return await Promise.race([work, limit]);
  } finally {
    clearTimeout(timer);
  }
}

/**
 * A stream whose failures are those of `translate`; the source is closed when the reader stops early. With `idleTimeoutMs` a source that
 * stalls for so long is a failure too; a slow reader is not.
 */
export function translated(source: Readable | AsyncIterable<unknown>, translate: (error: unknown) => StorageError, idleTimeoutMs?: number): Readable {
  async function* chunks() {
    const iterator = source[Symbol.asyncIterator]() as AsyncIterator<Uint8Array>;
    try {
      for (;;) {
        const next = idleTimeoutMs === undefined ? await iterator.next() : await within(idleTimeoutMs, iterator.next());
        if (next.done) return;
        yield next.value;
      }
    } catch (error) {
      throw error instanceof StorageError ? error : translate(error);
    } finally {
      // Not awaited: a source that stalls would not let its iterator return.
      if (source instanceof Readable) source.destroy();
      else void iterator.return?.();
    }
  }
  return Readable.from(chunks(), { objectMode: false });
}

export async function collect(stream: Readable, maxBytes: number, uri: string): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of stream as AsyncIterable<Uint8Array>) {
    size += chunk.byteLength;
    // Leaving the loop destroys the stream.
    if (size > maxBytes) throw new StorageError('too_large', `'${uri}' is larger than ${maxBytes} bytes.`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** Cuts a stream into pieces of exactly `size` bytes, the last one shorter; at least one piece, even if empty. */
export async function* pieces(stream: AsyncIterable<Uint8Array | string>, size: number): AsyncGenerator<Buffer> {
  let held: Buffer[] = [];
  let heldBytes = 0;
  let hasYielded = false;
  for await (const chunk of stream) {
    let rest = typeof chunk === 'string' ? Buffer.from(chunk) : Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    while (heldBytes + rest.byteLength >= size) {
      const taken = rest.subarray(0, size - heldBytes);
      yield Buffer.concat([...held, taken]);
      hasYielded = true;
      rest = rest.subarray(taken.byteLength);
      held = [];
      heldBytes = 0;
    }
    if (rest.byteLength > 0) {
      held.push(rest);
      heldBytes += rest.byteLength;
    }
  }
  if (heldBytes > 0 || !hasYielded) yield Buffer.concat(held);
}
