import type { Clock } from '../../../ports/clock.ts'

/**
 * Caches answers that change rarely and whose API throttles early. Does not cache faults. Concurrent requests for one key share one call.
 */
export function answerCache<T>(clock: Clock, keepMs: number) {
  const answers = new Map<string, { readonly answer: Promise<T>; readonly untilMs: number }>()
  const isCurrent = () => [...answers].filter(([, { untilMs }]) => untilMs > clock())
  const read = (key: string, ask: () => Promise<T>): Promise<T> => {
    const present = answers.get(key)
    if (present !== undefined && present.untilMs > clock()) return present.answer
    const answer = ask()
    answers.set(key, { answer, untilMs: clock() + keepMs })
    answer.catch(() => answers.delete(key))
    return answer
  }
  return Object.assign(read, {
    all: () => isCurrent().map(([, { answer }]) => answer),
    forget: (key: string) => answers.delete(key),
  })
}
