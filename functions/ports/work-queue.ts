import type { Work } from '../domain/proposal/index.ts'

/** `group`: messages of one FIFO group run one after another, so that one target entity changes at a time. */
export interface WorkQueue {
  send(
    work: Work,
    options?: { readonly delaySeconds?: number; readonly group?: string; readonly deduplicationId?: string },
  ): Promise<void>
}
