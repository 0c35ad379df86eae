import type { Config } from '../functions/domain/config/index.ts'
import type { Person } from '../functions/domain/messages/index.ts'
import type { Directory } from './fake-slack/fake-slack.ts'
import type { Viewer } from './web-ui/layout.ts'

/** The users of the sample configuration in the fake Slack. */
export const SAMPLE_USERS: readonly Person[] = [
  { id: 'U0ONCALL1', name: 'ada' },
  { id: 'U0ONCALL2', name: 'jane' },
  { id: 'U0ONCALL3', name: 'omar' },
  { id: 'U0VISITOR', name: 'viktor' },
]

/** Jane caused one of the sample denials, so she may approve others but not her own. */
/** Ada may also break the glass. */
export const SAMPLE_DIRECTORY: Directory = {
  groups: { S0NIGHTSHIFT: ['U0ONCALL1'] },
  users: { 'jane@example.com': 'U0ONCALL2' },
}

export function sampleUser(id: string): Person {
  return SAMPLE_USERS.find(known => known.id === id) ?? { id, name: id }
}

/** The sample users and the other approvers of the configuration. */
export function viewers(config: Config): readonly Viewer[] {
  const approvers = new Set([config, ...Object.values(config.accounts)].flatMap(one => one.approvers?.users ?? []))
  const ids = new Set([...SAMPLE_USERS.map(({ id }) => id), ...approvers])
  return [...ids].map(id => ({ person: sampleUser(id), may: approvers.has(id) ? 'approver' : 'can only look' }))
}
