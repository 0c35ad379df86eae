import type { Work } from '../domain/proposal/index.ts'

/** `group` serialises (FIFO): one target entity at a time. */
export interface WorkQueue {
  send(
    work: Work,
    options?: { readonly delaySeconds?: number; readonly group?: string; readonly deduplicationId?: string },
  ): Promise<void>
}
