/** Runs several smoke tests at once. A failing one does not stop the others, and the roles of each are deleted. */
import type { MemberRegion } from '../../functions/domain/members/index.ts'

/** `member`: null for the account of the bot itself. */
export type SmokeRun = { readonly member: MemberRegion | null; run(print: (line: string) => void): Promise<void> }

/** Returns the failed runs. */
export async function runAll(
  runs: readonly SmokeRun[],
  print: (line: string) => void,
): Promise<readonly { readonly name: string; readonly error: unknown }[]> {
  const results = await Promise.allSettled(
    runs.map(({ run, member }) => {
      const tag = runs.length > 1 ? `[${nameOf(member)}] ` : ''
      return run(line => print(`${tag}${line}`))
    }),
  )
  return results.flatMap((result, index) =>
    result.status === 'rejected'
      ? [{ name: nameOf(runs[index]?.member ?? null), error: result.reason as unknown }]
      : [],
  )
}

const nameOf = (member: MemberRegion | null): string =>
  member === null ? 'hub' : `${member.accountId} ${member.region}`
