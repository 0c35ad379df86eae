/** Reports to the channel that the audit log takes no record, and how much waits for it. */
import type { LogTrouble, WaitingForRecord } from '../domain/audit/index.ts'
import { isLogTrouble, isTimeToPost, logTroubleText, logWorksText } from '../domain/audit/index.ts'
import { REPAIR_MS } from '../domain/proposal/index.ts'
import { LOG_TROUBLE } from '../domain/stored/index.ts'
import type { AuditLog } from '../ports/audit-log.ts'
import type { SweepDeps } from './deps.ts'

const MAX_WAITING = 1000
const NO_TROUBLE: LogTrouble = { sinceMs: null, postedMs: null }

type Deps = Pick<SweepDeps, 'audit' | 'store' | 'chat' | 'renderer' | 'config' | 'clock' | 'observer'>
/** `report` returns the number of failures. */
export type WatchedLog = { readonly audit: AuditLog; readonly report: () => Promise<number> }

/** Watches the appends of one sweep. */
export function watchedLog(deps: Deps): WatchedLog {
  const { audit } = deps
  let error: unknown = null
  let appended = false
  const watched = async <T>(work: Promise<T>): Promise<T> => {
    try {
      const done = await work
      appended = true
      return done
    } catch (cause) {
      if (isLogTrouble(cause)) error ??= cause
      throw cause
    }
  }
  return {
    audit: {
      ...audit,
      append: entry => watched(audit.append(entry)),
      appendAll: entries => watched(audit.appendAll(entries)),
    },
    async report() {
      // Where nothing was due, nothing is known.
      if (error === null && !appended) return 0
      try {
        await report(error, deps)
        return 0
      } catch (cause) {
        deps.observer.log('error', 'log_trouble_not_posted', { error: String(cause) })
        return 1
      }
    },
  }
}

/** Posted before it is stored: if a crash loses the marker, the chat finds the message by its key. */
async function report(error: unknown, deps: Deps): Promise<void> {
  const { store, clock } = deps
  const nowMs = clock()
  const found = await store.getMarker(LOG_TROUBLE)
  const known = found?.value ?? NO_TROUBLE
  const { sinceMs, postedMs } = known
  const put = (value: LogTrouble) => store.putMarker(LOG_TROUBLE, found?.version ?? 0, value)
  if (error === null) {
    if (sinceMs === null) return
    if (postedMs !== null) await post(logWorksText(), `log-works/${sinceMs}`, deps)
    await put(NO_TROUBLE)
  } else if (sinceMs === null) await put({ sinceMs: nowMs, postedMs: null })
  else if (isTimeToPost(known, nowMs)) {
    await post(logTroubleText(error, sinceMs, await waiting(deps)), `log-trouble/${sinceMs}/${postedMs}`, deps)
    await put({ sinceMs, postedMs: nowMs })
  }
}

/** What a sweep looks at again is due within `REPAIR_MS`. */
async function waiting({ store, clock }: Deps): Promise<WaitingForRecord> {
  const due = await store.due(clock() + REPAIR_MS, MAX_WAITING)
  const denials = due.filter(({ status }) => status === 'drafted' || status === 'closed').length
  return { denials, atLeast: due.length === MAX_WAITING }
}

async function post(text: string, key: string, { chat, renderer, config }: Deps): Promise<void> {
  await chat.post(config.auditChannel ?? config.channel, renderer.text(text), key)
}
