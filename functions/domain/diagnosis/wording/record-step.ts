/** The record of the call holds what a text leaves out. */
import { descriptorOf } from '../../actions/actions.ts'
import type { Denial } from '../../denial/denial.ts'
import type { NextStep } from '../diagnosis.ts'
import { advice } from '../diagnosis-builder.ts'

const look = (key: string, value: string): string =>
  `aws cloudtrail lookup-events --lookup-attributes AttributeKey=${key},AttributeValue=${value} > events.json`

/** Passing a role is denied under the name of whichever call passes it. */
export function recordCommand({ action, call, principal }: Denial): string {
  const [operation] = descriptorOf(action).record.operations
  const name = operation ?? call.eventName
  if (name !== null && name !== undefined) return look('EventName', name)
  const by = principal.sessionName ?? principal.name
  return by !== null && /^[\w+=,.@][\w+=,.@-]{0,127}$/.test(by) ? look('Username', by) : look('EventName', '<call>')
}

export const recordStep = (denial: Denial): NextStep =>
  advice(
    'The text leaves out what decides: give the CloudTrail record of the call, with rolemedic diagnose events.json.',
    recordCommand(denial),
  )
