/** CloudTrail's event history of the local bot: only the records that it received. */

import { appendFileSync, existsSync, readFileSync } from 'node:fs'
import { ABSENT, found, known, parseTime, unknown, unreadable } from '../core/base/index.ts'
import { type EventHistory, NO_REQUEST_LEFT } from '../functions/ports/index.ts'

export type LocalHistory = EventHistory & { add(records: readonly unknown[]): void }

const MAY = async () => true

type Member = { readonly [name: string]: unknown }

/** Stored in `path`, so that a change approved before a restart can be confirmed after it. */
export function localHistory(path: string): LocalHistory {
  const records: Member[] = existsSync(path)
    ? readFileSync(path, 'utf8')
        .split('\n')
        .filter(Boolean)
        .map(line => JSON.parse(line) as unknown)
        .filter(isMember)
    : []
  const here = ({ accountId, region }: { readonly accountId: string; readonly region: string }) =>
    records.filter(
      record =>
        record['awsRegion'] === region &&
        (record['recipientAccountId'] ?? member(record, 'userIdentity')['accountId']) === accountId,
    )
  return {
    add(added) {
      for (const record of added.filter(isMember)) {
        if (records.some(one => one['eventID'] === record['eventID'])) continue
        records.push(record)
        appendFileSync(path, `${JSON.stringify(record)}\n`)
      }
    },
    async byId(place, eventId, { mayRequest = MAY } = {}) {
      if (!(await mayRequest())) return unreadable(NO_REQUEST_LEFT)
      const record = here(place).find(one => one['eventID'] === eventId)
      return record === undefined ? ABSENT : found(record)
    },
    async search(place, by, { fromMs, toMs }, { mayRequest = MAY } = {}) {
      if (!(await mayRequest())) return unknown(NO_REQUEST_LEFT)
      const inWindow = here(place).filter(record => {
        const atMs = parseTime(String(record['eventTime']))
        return atMs !== null && atMs >= fromMs && atMs <= toMs
      })
      const wanted = inWindow.filter(record =>
        'eventName' in by
          ? record['eventName'] === by.eventName
          : 'userName' in by
            ? userNameOf(record) === by.userName
            : namesOf(record).includes(by.resourceName),
      )
      return known({ records: wanted.toReversed(), complete: true })
    },
  }
}

/** CloudTrail lists a session by its name. */
function userNameOf(record: Member): unknown {
  const identity = member(record, 'userIdentity')
  return identity['userName'] ?? String(identity['arn']).split('/').at(-1)
}

/** CloudTrail lists a write of IAM under the names of its parameters, and a session under the key that was issued. */
const namesOf = (record: Member): readonly unknown[] => [
  ...Object.values(member(record, 'requestParameters')),
  member(member(record, 'responseElements'), 'credentials')['accessKeyId'],
]

const isMember = (value: unknown): value is Member => typeof value === 'object' && value !== null

function member(record: Member, name: string): Member {
  const value = record[name]
  return isMember(value) ? value : {}
}
