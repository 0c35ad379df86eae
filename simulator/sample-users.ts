import type { Person } from '../functions/domain/base/person.ts'
import type { Config } from '../functions/domain/config/config.ts'
import type { Directory } from './fake-slack/fake-slack.ts'
import type { Viewer } from './page/shell.ts'

/** The people of the sample configuration, as the stand-in for Slack knows them. */
export const PEOPLE: readonly Person[] = [
  { id: 'U0ONCALL1', name: 'ada' },
  { id: 'U0ONCALL2', name: 'jane' },
  { id: 'U0VISITOR', name: 'viktor' },
]

/** Jane is the person behind one of the sample denials: she may approve, but not her own. */
export const DIRECTORY: Directory = { groups: {}, users: { 'jane@example.com': 'U0ONCALL2' } }

export function person(id: string): Person {
  return PEOPLE.find(known => known.id === id) ?? { id, name: id }
}

/** The sample people, and every approver whom the configuration names besides. */
export function viewers(config: Config): readonly Viewer[] {
  const approvers = new Set([config, ...Object.values(config.accounts)].flatMap(one => one.approvers?.users ?? []))
  const ids = new Set([...PEOPLE.map(({ id }) => id), ...approvers])
  return [...ids].map(id => ({ person: person(id), may: approvers.has(id) ? 'approver' : 'may look only' }))
}
