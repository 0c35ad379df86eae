/**
 * What each function may do with the items of the table, by prefixes of their keys.
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/specifying-conditions.html
 */

import { never } from '../../../core/base/index.ts'
import {
  DUE_INDEX,
  ITEMS,
  OCCURRENCE_DUE,
  OPEN_INDEX,
  OPEN_KEY,
  PLACE_INDEX,
  PROPOSAL_DUE,
  STANDING_KEY,
} from '../../../functions/adapters/aws/dynamodb/index.ts'
import { COUNTERS, MARKERS } from '../../../functions/domain/stored/index.ts'
import type { FunctionName } from '../../functions.ts'
import type { Permission } from './permission.ts'

export type TableAccess = {
  /** `GetItem` */
  readonly read: readonly string[]
  /** `PutItem` */
  readonly put: readonly string[]
  /** `UpdateItem`, to increment a counter. */
  readonly count: readonly string[]
  /** `Query`: the partition keys of each index. */
  readonly query: readonly { readonly index: string; readonly keys: readonly string[] }[]
}

const every = (prefix: string) => `${prefix}*`
const markers = (...kinds: readonly (keyof typeof MARKERS)[]) => kinds.map(kind => every(ITEMS.marker + MARKERS[kind]))
const counters = (...kinds: readonly (keyof typeof COUNTERS)[]) =>
  kinds.map(kind => every(ITEMS.counter + COUNTERS[kind]))

const PROPOSALS = every(ITEMS.proposal)
const OCCURRENCES = every(ITEMS.occurrence)
/** `outcomePosted`, whose key begins with the proposal id. */
const OUTCOMES = `${ITEMS.marker}p-*/result/*`

/** A card is rendered with the deploys that it blocks, and its outcome is posted once. */
const CARD: Pick<TableAccess, 'read' | 'put'> = {
  read: [PROPOSALS, OCCURRENCES, OUTCOMES, ...markers('deploy', 'deploysBy')],
  put: [OUTCOMES, ...markers('deploy')],
}
/** The sequence of the next audit record, and whether an entry was already appended. */
const AUDIT = markers('audit')
/** A card is posted, alone or in a storm list, after the first message of the channel. */
const POST = markers('placement', 'stormList', 'firstRun')

export function tableAccess(name: FunctionName): TableAccess {
  switch (name) {
    case 'intake':
      return {
        read: [OCCURRENCES, ...markers('harvested', 'heard', 'heardAccounts')],
        put: [OCCURRENCES, ...markers('heard', 'heardAccounts')],
        count: counters('look'),
        query: [],
      }
    case 'propose':
      return {
        read: [
          ...CARD.read,
          ...markers('deploysIn', 'notice', 'observedDay', 'passApprovals', 'setSuggested'),
          ...POST,
          ...AUDIT,
          ...counters('changes', 'lookAgain', 'lookups'),
        ],
        put: [
          ...CARD.put,
          PROPOSALS,
          OCCURRENCES,
          ...markers('deploysIn', 'deploysBy', 'notice', 'observedDay', 'passApprovals', 'setSuggested'),
          ...POST,
          ...AUDIT,
        ],
        count: counters('cards', 'lookAgain', 'lookups', 'questions', 'repeats'),
        query: [],
      }
    case 'decide':
      return {
        read: [PROPOSALS, ...AUDIT, ...markers('approvedBy')],
        put: [PROPOSALS, ...AUDIT],
        count: [],
        query: [
          { index: OPEN_INDEX, keys: [OPEN_KEY] },
          { index: PLACE_INDEX, keys: [STANDING_KEY] },
        ],
      }
    case 'verify':
      return {
        read: [
          ...CARD.read,
          ...AUDIT,
          ...markers('approvedBy', 'lock', 'revalidated', 'stopped', 'heard', 'heardAccounts', 'canary'),
          ...counters('changes', 'lookups'),
        ],
        put: [...CARD.put, PROPOSALS, ...AUDIT, ...markers('approvedBy', 'lock', 'revalidated', 'canary')],
        count: counters('changes', 'lookups'),
        query: [{ index: OPEN_INDEX, keys: [OPEN_KEY] }],
      }
    case 'write':
      return { read: [], put: [], count: [], query: [] }
    case 'sweep':
      return {
        read: [
          ...[...CARD.read, ...POST, ...AUDIT],
          ...markers('revalidated', 'heard', 'heardAccounts', 'silence', 'observedDay', 'observedPosted', 'approvedBy'),
          ...markers('pull', 'recordsNoticed', 'logTrouble', 'canary'),
        ],
        put: [
          ...[...CARD.put, PROPOSALS, ...POST, ...AUDIT],
          ...markers('revalidated', 'silence', 'observedPosted', 'approvedBy', 'recordsNoticed', 'logTrouble'),
        ],
        count: counters('cards', 'resend'),
        query: [
          { index: DUE_INDEX, keys: [PROPOSAL_DUE, OCCURRENCE_DUE] },
          { index: OPEN_INDEX, keys: [OPEN_KEY] },
        ],
      }
    case 'alert':
      return {
        read: [PROPOSALS, OCCURRENCES, ...markers('harvested', 'deploy', 'deploysIn', 'deploysBy', 'heard')],
        put: [OCCURRENCES, ...markers('harvested', 'deploy', 'deploysIn', 'deploysBy')],
        count: counters('look'),
        query: [{ index: PLACE_INDEX, keys: ['*#*'] }],
      }
    case 'publish':
      return { read: markers('pull'), put: markers('pull'), count: [], query: [] }
    default:
      return never(name)
  }
}

/** Excludes `Scan`, batches and PartiQL, because each call must name the keys that its condition checks. */
export function tablePermissions(name: FunctionName, tableArn: string): readonly Permission[] {
  const { read, put, count, query } = tableAccess(name)
  const onItems = (sid: string, action: string, keys: readonly string[]): readonly Permission[] =>
    keys.length === 0 ? [] : [{ sid, actions: [action], resources: [tableArn], conditions: onlyKeys(keys) }]
  return [
    ...onItems('ReadItems', 'dynamodb:GetItem', read),
    ...onItems('PutItems', 'dynamodb:PutItem', put),
    ...onItems('CountItems', 'dynamodb:UpdateItem', count),
    ...query.map(({ index, keys }) => ({
      sid: `Query${index.charAt(0).toUpperCase()}${index.slice(1)}`,
      actions: ['dynamodb:Query'],
      resources: [`${tableArn}/index/${index}`],
      conditions: onlyKeys(keys),
    })),
  ]
}

/**
 * `ForAllValues` is true for a request without keys, so their presence is required too. For a query of an index, the key is
 * that of the index.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-single-vs-multi-valued-context-keys.html
 */
const onlyKeys = (keys: readonly string[]) => ({
  'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': [...keys].sort() },
  Null: { 'dynamodb:LeadingKeys': 'false' },
})
