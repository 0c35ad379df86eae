/** What each function may do with the items of the table, by prefixes of their keys. */

import { never } from '../../../../core/base/index.ts'
import type { BotFunction } from '../../../domain/messages/index.ts'
import { COUNTERS, MARKERS } from '../../../domain/stored/index.ts'
import {
  DUE_INDEX,
  ITEMS,
  LIMITED_KEY,
  OCCURRENCE_DUE,
  OPEN_INDEX,
  OPEN_KEY,
  openInKey,
  PLACE_INDEX,
  PROPOSALS_DUE,
  STANDING_KEY,
} from './table-keys.ts'

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
  read: [PROPOSALS, OCCURRENCES, OUTCOMES, ...markers('deploy', 'deploysBy', 'firstLook')],
  put: [OUTCOMES, ...markers('deploy')],
}
/** The sequence of the next audit record, and whether an entry was already appended. */
const AUDIT = markers('audit')
/** A card is posted, alone or in a storm list, after the first message of the channel. */
const POST = markers('placement', 'stormList', 'firstRun', 'firstLook')

export function tableAccess(name: BotFunction): TableAccess {
  const { read, put, ...rest } = workAccess(name)
  const own = SELF_TESTS[name]
  return {
    read: [...read, ...own.read, ...(TABLELESS.includes(name) ? [] : LAST_CONFIGS)],
    put: [...put, ...own.put],
    ...rest,
  }
}

/** What says yes to a write, and to a passkey, believes nothing that others can store. */
const TABLELESS: readonly BotFunction[] = ['write', 'enroll']

const ASKED = ITEMS.marker + MARKERS.selfTest
const answerOf = (name: BotFunction) => `${ASKED}/${name}`
const answering = (...names: readonly BotFunction[]) => ({
  read: [ASKED, ...names.map(answerOf)],
  put: names.map(answerOf),
})
/** Read where the deployed configuration cannot be. `sweep` alone keeps it. */
const LAST_CONFIGS = [ITEMS.marker + MARKERS.lastConfig]
const READS_ACCOUNTS = markers('heardAccounts')
/** Each puts its own answer and no other; `verify` that of `write`, whose permissions it evaluates. */
const SELF_TESTS: { readonly [name in BotFunction]: Pick<TableAccess, 'read' | 'put'> } = {
  intake: answering('intake'),
  propose: { ...answering('propose'), read: [...answering('propose').read, ...READS_ACCOUNTS] },
  decide: { ...answering('decide'), put: [ASKED, answerOf('decide')] },
  verify: answering('verify', 'write'),
  write: { read: [], put: [] },
  sweep: { read: [ASKED, `${ASKED}/*`], put: [ASKED, answerOf('sweep'), ...LAST_CONFIGS] },
  alert: { ...answering('alert'), read: [...answering('alert').read, ...READS_ACCOUNTS] },
  publish: answering('publish'),
  enroll: { read: [], put: [] },
}

function workAccess(name: BotFunction): TableAccess {
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
          ...markers('channelTurns', 'deploysIn', 'notice', 'observedDay', 'passApprovals', 'record', 'setSuggested'),
          ...POST,
          ...AUDIT,
          ...counters('cards', 'changes', 'lookAgain', 'lookups'),
        ],
        put: [
          ...CARD.put,
          PROPOSALS,
          OCCURRENCES,
          ...markers('channelTurns', 'deploysIn', 'deploysBy', 'notice', 'observedDay'),
          ...markers('passApprovals', 'record', 'setSuggested'),
          ...POST,
          ...AUDIT,
        ],
        count: counters('cards', 'lookAgain', 'lookups', 'questions', 'repeats'),
        query: [],
      }
    case 'decide':
      return {
        read: [PROPOSALS, OCCURRENCES, ...AUDIT, ...markers('approvedBy', 'firstLook', 'stepUp', 'signCount')],
        put: [PROPOSALS, ...AUDIT, ...markers('stepUp', 'signCount')],
        count: [],
        query: [
          { index: DUE_INDEX, keys: [OCCURRENCE_DUE] },
          { index: OPEN_INDEX, keys: [OPEN_KEY] },
          { index: PLACE_INDEX, keys: [STANDING_KEY, LIMITED_KEY, openInKey('*')] },
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
    case 'enroll':
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
          { index: DUE_INDEX, keys: [...PROPOSALS_DUE, OCCURRENCE_DUE] },
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
