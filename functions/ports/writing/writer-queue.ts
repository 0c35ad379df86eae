import type { WriteAsk } from '../../domain/authority/index.ts'

/** The queue of `write`: only `verify` may send. One target entity at a time, by `group`. */
export interface WriterQueue {
  send(ask: WriteAsk, options: { readonly group: string; readonly deduplicationId: string }): Promise<void>
}
