/** What a first answer does without is read when it is first needed: a cold start waits for less. */
import type { AuditLog } from '../core/ports.ts'

/** Loads once; a load that failed is tried again by whoever asks next. */
export function later<T>(load: () => Promise<T>): () => Promise<T> {
  let loading: Promise<T> | null = null
  return () => {
    loading ??= load().catch(error => {
      loading = null
      throw error
    })
    return loading
  }
}

export function laterAudit(load: () => Promise<AuditLog>): AuditLog {
  const log = later(load)
  return {
    append: async entry => (await log()).append(entry),
    async *records() {
      yield* (await log()).records()
    },
    async *latest() {
      yield* (await log()).latest()
    },
  }
}
