/** Which events are one attempt of a deploy. */

import { HOUR_MS } from '../../../core/base/index.ts'
import { attemptIdOf, type DeployAttempt, type FailedDeploy } from './deploy.ts'

/** Attempts without an id within this time count as one. So do a build and its pipeline where no id connects them. */
const SAME_ATTEMPT_MS = HOUR_MS / 2

const MAX_ATTEMPTS_KEPT = 20

const idOf = (deploy: FailedDeploy): string =>
  attemptIdOf(deploy) ?? `about ${Math.floor(deploy.failedAtMs / SAME_ATTEMPT_MS)}`

/** A build names its pipeline and no execution, so its own id is that of the attempt until the pipeline reports it. */
const isOfBuilds = ({ id, builds = [] }: DeployAttempt): boolean => builds.includes(id)

const projectOf = (build: string): string => build.split(':')[0] ?? build

/** The attempts that this event is of: several where a pipeline connects what its builds reported apart. Empty: it is another. */
export function attemptsOf(attempts: readonly DeployAttempt[], deploy: FailedDeploy): readonly DeployAttempt[] {
  const { attempt, failedAtMs, builds = [] } = deploy
  const isNear = ({ atMs }: DeployAttempt) => Math.abs(atMs - failedAtMs) < SAME_ATTEMPT_MS
  const same = attempts.filter(
    one =>
      one.id === newIdOf(deploy) ||
      (attempt === null && isNear(one)) ||
      builds.some(build => one.builds?.includes(build) === true),
  )
  const last = attempts.at(-1)
  if (same.length > 0 || last === undefined || !isNear(last)) return same
  if (deploy.partOf === undefined) return isOfBuilds(last) && builds.length === 0 ? [last] : []
  // A second build of one project is a retry. What fails after its pipeline has is one too.
  const isOther = (last.builds ?? []).some(build => builds.some(one => projectOf(one) === projectOf(build)))
  return !isOther && (isOfBuilds(last) || failedAtMs <= last.atMs) ? [last] : []
}

/** Also for an event that came before: then nothing changes but what it adds. */
export function withAttempt(attempts: readonly DeployAttempt[], deploy: FailedDeploy): readonly DeployAttempt[] {
  const same = attemptsOf(attempts, deploy)
  const [first] = same
  const all = [...new Set([...same.flatMap(one => one.builds ?? []), ...(deploy.builds ?? [])])]
  const builds = all.length === 0 ? {} : { builds: all }
  if (first === undefined)
    return [...attempts, { id: newIdOf(deploy), atMs: deploy.failedAtMs, ...builds }].slice(-MAX_ATTEMPTS_KEPT)
  const whole = same.find(one => !isOfBuilds(one))
  const id = whole?.id ?? (deploy.partOf === undefined ? newIdOf(deploy) : first.id)
  const joined = { ...(whole ?? first), id, ...builds }
  return attempts.flatMap(one => (one === first ? [joined] : same.includes(one) ? [] : [one]))
}

const newIdOf = (deploy: FailedDeploy): string =>
  (deploy.partOf === undefined ? null : deploy.builds?.[0]) ?? idOf(deploy)
