/** What took the permission away, as CloudTrail's own history proves it: sentences that state and do not blame. */

import { code, own, type RichText, richText, strong, time } from '../../../../core/base/index.ts'
import type { PolicyDocument } from '../../../../core/iam/index.ts'
import type { Proposal, SeenWrite, WhatChanged } from '../../proposal/index.ts'
import { printed } from '../documents.ts'

/** `Worked until 21:04: terraform-run-9f… replaced inline policy deploy.` Null: no write is proved. */
export function changedLine({ whatChanged }: Pick<Proposal, 'whatChanged'>): RichText | null {
  if (whatChanged?.outcome !== 'found') return null
  const { write } = whatChanged
  return richText`${strong('Worked until')} ${time(write.atMs)}: ${who(write)} ${did(write, whatChanged.lost !== null)}${soFar(whatChanged)}.`
}

/** Records are up to 15 minutes late, so that an early look may miss a later write. */
const soFar = ({ isFinal, seenAtMs }: WhatChanged): RichText =>
  isFinal ? [] : richText`, as CloudTrail shows by ${time(seenAtMs)}`

/** The last part of the ARN: the session or the user, as AWS recorded it. */
function who({ by }: SeenWrite): RichText {
  if (by === null) return [own('a caller whom the record does not name')]
  const name = by.slice(by.lastIndexOf('/') + 1)
  return [code(name.length > MAX_NAME_CHARS ? `${name.slice(0, MAX_NAME_CHARS - 1)}…` : name)]
}

const MAX_NAME_CHARS = 40

/** `isLost`: it took statements away, so that it replaced a policy. Else it may be a new one that denies. */
function did({ eventName, subject, target }: SeenWrite, isLost: boolean): RichText {
  const entity = code(nameIn(target))
  const policy = code(nameIn(subject ?? target))
  switch (eventName) {
    case 'PutRolePolicy':
    case 'PutUserPolicy':
    case 'PutGroupPolicy':
      return isLost
        ? richText`replaced inline policy ${policy} of ${entity}`
        : richText`wrote inline policy ${policy} of ${entity}`
    case 'DeleteRolePolicy':
    case 'DeleteUserPolicy':
    case 'DeleteGroupPolicy':
      return richText`deleted inline policy ${policy} of ${entity}`
    case 'DetachRolePolicy':
    case 'DetachUserPolicy':
    case 'DetachGroupPolicy':
      return richText`detached policy ${policy} from ${entity}`
    case 'AttachRolePolicy':
    case 'AttachUserPolicy':
    case 'AttachGroupPolicy':
      return richText`attached policy ${policy} to ${entity}`
    case 'CreatePolicyVersion':
      return richText`replaced managed policy ${policy}`
    case 'SetDefaultPolicyVersion':
      return richText`set another version of managed policy ${policy}`
    case 'DeletePolicy':
      return richText`deleted managed policy ${policy}`
    case 'UpdateAssumeRolePolicy':
      return richText`replaced the trust policy of ${entity}`
    case 'PutRolePermissionsBoundary':
    case 'PutUserPermissionsBoundary':
      return richText`set permissions boundary ${policy} on ${entity}`
    case 'RemoveUserFromGroup':
      return richText`removed ${entity} from group ${policy}`
    case 'CreateRole':
    case 'CreateUser':
      return richText`made ${entity} again`
    case 'DeleteRole':
    case 'DeleteUser':
      return richText`deleted ${entity}`
    case 'TagRole':
    case 'TagUser':
    case 'UntagRole':
    case 'UntagUser':
      return richText`changed the tags of ${entity}`
    default:
      return richText`called ${code(eventName)} on ${entity}`
  }
}

const nameIn = (text: string): string => text.slice(text.lastIndexOf('/') + 1)

/** For the thread and Details: the whole finding, with the choice that follows from it. Empty: the history was not asked. */
export function whatChangedLines(proposal: Pick<Proposal, 'whatChanged' | 'restore'>): readonly RichText[] {
  const { whatChanged } = proposal
  if (whatChanged === undefined) return []
  return [...(whatChanged.corrects === undefined ? [] : [TAKEN_BACK]), ...findingLines(whatChanged, proposal)]
}

const TAKEN_BACK = richText`This takes the place of what was said here before: CloudTrail's history shows more by now.`

function findingLines(
  whatChanged: WhatChanged,
  proposal: Pick<Proposal, 'whatChanged' | 'restore'>,
): readonly RichText[] {
  const { restore } = proposal
  const { seenAtMs } = whatChanged
  switch (whatChanged.outcome) {
    case 'found': {
      const { write, othersClosed, lost } = whatChanged
      return [
        ...[changedLine(proposal) ?? []],
        richText`${strong('As CloudTrail recorded it:')} ${code(write.eventName)} by ${code(write.by ?? 'nobody that it names')} on ${code(write.target)}, event ${code(write.id)}.`,
        ...(othersClosed ? [richText`Other ways to the same permission were closed before that.`] : []),
        ...(lost === null
          ? [
              richText`No statement is lost that is short enough to show: something else denies it since, or see the event.`,
            ]
          : []),
        ...restoreLines(restore),
      ]
    }
    case 'never-allowed':
      return [
        richText`${strong('What changed:')} nothing that took it away. Since ${time(whatChanged.sinceMs)}, CloudTrail's history shows no time at which it was allowed.`,
      ]
    default:
      return [richText`${strong('What changed')} is not proved: ${whatChanged.why}. Looked up: ${time(seenAtMs)}.`]
  }
}

function restoreLines(restore: Proposal['restore']): readonly RichText[] {
  if (restore === undefined) return []
  return restore.kind === 'offered'
    ? [
        richText`${strong('Restore what was lost')} on the card gives exactly these statements back for this denial, under rolemedic's own names.`,
      ]
    : [richText`${strong('To restore exactly these statements is not offered:')} ${restore.why}`]
}

const MAX_LINES = 60

/** The lost statements. Null: there are none to show. */
export function lostStatements({ whatChanged }: Pick<Proposal, 'whatChanged'>): string | null {
  const lost: PolicyDocument | null = whatChanged?.outcome === 'found' ? whatChanged.lost : null
  if (lost === null) return null
  const lines = printed(lost)
  return [...lines.slice(0, MAX_LINES), ...(lines.length > MAX_LINES ? ['…'] : [])].join('\n')
}
