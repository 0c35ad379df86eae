/** Which of the given actions some statements allow on a resource, without regard to denies and conditions. A quick filter. */
import { once } from '../../base/index.ts'
import { hasWildcard, matchesGlob } from './glob.ts'
import { list, type Statement } from './policy-document.ts'

const MAX_PATTERNS = 20_000

/** Matches each pattern once, because roles share patterns. */
export function allowedAmong(
  actions: () => readonly string[],
): (statements: readonly Statement[]) => ReadonlySet<string> {
  const byPattern = new Map<string, readonly string[]>()
  const byLowerCase = once(() => Map.groupBy(new Set(actions()), action => action.toLowerCase()))

  const meant = (pattern: string): readonly string[] => {
    const present = byPattern.get(pattern)
    if (present !== undefined) return present
    const lower = pattern.toLowerCase()
    const matching = hasWildcard(lower)
      ? [...byLowerCase()].flatMap(([action, names]) => (matchesGlob(lower, action) ? names : []))
      : (byLowerCase().get(lower) ?? [])
    if (byPattern.size > MAX_PATTERNS) byPattern.clear()
    byPattern.set(pattern, matching)
    return matching
  }

  return statements => {
    const allowed = new Set<string>()
    for (const { Effect, Action, NotAction } of statements) {
      if (Effect !== 'Allow') continue
      if (Action !== undefined)
        for (const pattern of list(Action)) for (const action of meant(pattern)) allowed.add(action)
      if (NotAction === undefined) continue
      const except = new Set(list(NotAction).flatMap(meant))
      for (const action of meant('*')) if (!except.has(action)) allowed.add(action)
    }
    return allowed
  }
}
