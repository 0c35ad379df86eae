/** Many denials of one account at once: analyzed one after another, over what was read for the first of them. */
import type { AccessReader } from '../../ports/access-reader.ts'
import type { Clock } from '../../ports/clock.ts'
import type { AnalyzeAgain } from './analyze-bundle.ts'

/** IAM throttles each account, so more at once would only wait for each other. */
export function analyzeInTurn(analyze: AnalyzeAgain): AnalyzeAgain {
  const lastOf = new Map<string | null, Promise<unknown>>()
  return (denial, nowMs, beside) => {
    const { accountId } = denial.principal
    const mine = (lastOf.get(accountId) ?? Promise.resolve()).then(() => analyze(denial, nowMs, beside))
    const ended = mine
      .catch(() => undefined)
      .then(() => {
        if (lastOf.get(accountId) === ended) lastOf.delete(accountId)
      })
    lastOf.set(accountId, ended)
    return mine
  }
}

type Shared = { readonly begunMs: number; readonly answer: Promise<unknown> }

const MAX_SHARED = 500

/** A reader of what is true at a time or later: it gives an answer again only if that was asked for since then. */
export function readsSince(reader: AccessReader, clock: Clock): (sinceMs: number) => AccessReader {
  const shared = new Map<string, Shared>()
  return sinceMs => {
    function once<T>(question: readonly unknown[], read: () => Promise<T>): Promise<T> {
      const key = JSON.stringify(question)
      const present = shared.get(key)
      if (present !== undefined && present.begunMs >= sinceMs) return present.answer as Promise<T>
      if (shared.size >= MAX_SHARED) shared.clear()
      const answer = read()
      const one: Shared = { begunMs: clock(), answer }
      shared.set(key, one)
      // A fault is asked for again.
      answer.catch(() => shared.get(key) === one && shared.delete(key))
      return answer
    }
    return {
      ...reader,
      identity: entity => once(['identity', entity], () => reader.identity(entity)),
      role: (entity, scope) => once(['role', entity, scope], () => reader.role(entity, scope)),
      roles: accountId => once(['roles', accountId], () => reader.roles(accountId)),
      instanceProfileRole: entity => once(['profile', entity], () => reader.instanceProfileRole(entity)),
    }
  }
}
