/** A run in one line, for people: what is proved first, then what the caller could choose. */
import type { Run, RunFact } from './run.ts'
import { RUN_TOOLS } from './run-tools.ts'

const titleOf = (name: string): string => RUN_TOOLS.find(({ tool }) => tool === name)?.title ?? name

/** How to run it again, in the tool's own words. Null: they are not known. */
export function retryWords({ tool }: Pick<Run, 'tool'>): string | null {
  const found = RUN_TOOLS.find(one => one.tool === tool)
  return found?.retry === undefined ? null : `${found.retry} in ${found.title}`
}

/** Hostile text where it is claimed: escape it. Null: it says no more than the denial itself. */
export function runLine(run: Run): string | null {
  if (run.tool === null && run.chain.length === 0) return null
  const isClaimed = (fact: RunFact): boolean => run.claimed.includes(fact)
  const all = ORDER.flatMap(fact => {
    const value = fact === 'person' ? (run.person?.name ?? null) : (run[fact] ?? null)
    return value === null ? [] : [{ isProved: !isClaimed(fact), text: WORDS[fact](value) }]
  })
  const proved = all.filter(one => one.isProved).map(({ text }) => text)
  const claimed = all.filter(one => !one.isProved).map(({ text }) => text)
  const parts = [
    ...(proved.length === 0 ? [] : [`${proved.join(', ')} (proved)`]),
    ...(claimed.length === 0 ? [] : [`${claimed.join(', ')} (claimed)`]),
  ]
  return parts.join('; ')
}

const ORDER = ['tool', 'host', 'id', 'repository', 'ref', 'workflow', 'person', 'actor', 'client'] as const
const WORDS: { readonly [fact in (typeof ORDER)[number]]: (value: string) => string } = {
  tool: titleOf,
  host: host => `on ${host}`,
  id: id => `run ${id}`,
  repository: repository => `of ${repository}`,
  ref: ref => ref.replace(/^refs\/(?:heads|tags)\//, ''),
  workflow: workflow => workflow,
  person: name => `by ${name}`,
  actor: name => `started by ${name}`,
  client: titleOf,
}
