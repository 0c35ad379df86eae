/** How to find the CloudTrail record of the call, which contains what a text omits. */
import { descriptorOf } from '../../actions/index.ts'
import { type Denial, isHiddenName } from '../../denial/index.ts'
import type { NextStep } from '../diagnosis.ts'
import { advice } from '../diagnosis-builder.ts'

const lookUp = (key: string, value: string): string =>
  `aws cloudtrail lookup-events --lookup-attributes AttributeKey=${key},AttributeValue=${value} > events.json`

/** The command to find it. A PassRole denial is logged under the name of the call that passes the role. */
function recordCommand({ action, call, principal }: Denial): string {
  const [operation] = descriptorOf(action).record.operations
  const name = operation ?? call.eventName
  if (name !== null && name !== undefined) return lookUp('EventName', name)
  // For a role's events, CloudTrail's user name is the session name.
  const by = principal.sessionName ?? (principal.kind === 'role' ? null : principal.name)
  return by !== null && /^[\w+=,.@][\w+=,.@-]{0,127}$/.test(by) && !isHiddenName(by)
    ? lookUp('Username', by)
    : lookUp('EventName', 'OPERATION')
}

export const recordLookupStep = (denial: Denial): NextStep =>
  advice(
    denial.unread?.kind === 'cut'
      ? 'Copy the whole error, as the ARN of the role may be cut off in this text, and give it to rolemedic diagnose; or get the CloudTrail record of the call and run rolemedic events.json.'
      : 'Get the CloudTrail record of the call, as the text leaves out what decides, and run rolemedic events.json.',
    recordCommand(denial),
  )
