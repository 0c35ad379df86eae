/** The names of caller and role, and a one-line title of a denial. */
import { type RichText, richText } from '../base/index.ts'
import { entityName } from '../iam/index.ts'
import type { Denial } from './denial.ts'

export function callerName({ principal }: Denial): string {
  if (principal.kind === 'root') return 'the root user'
  return principal.name ?? principal.sessionName ?? principal.arn ?? principal.uniqueId ?? 'an unknown caller'
}

export function roleName(denial: Denial): string {
  if (denial.resource === null) return 'an unnamed role'
  return entityName(denial.resource)
}

/** One line for the header of a card or for a notification. */
export function denialTitle(denial: Denial): RichText {
  return richText`${callerName(denial)} was denied ${denial.action} on ${roleName(denial)}`
}
