/** What `--live` adds to an input: the denials that only an encoded message tells. */

import type { AwsExplanations } from '../../functions/ports/aws-explanations.ts'
import { readRecord } from '../../functions/workflows/denial/decode-record.ts'
import type { DiagnoseInput } from './input.ts'

export type Decoded = {
  readonly inputs: readonly DiagnoseInput[]
  /** Why encoded messages stayed unread. */
  readonly unread: readonly string[]
}

/** One request each: a whole log of them would be throttled. */
const MAX_DECODED = 100

export async function decoded(inputs: readonly DiagnoseInput[], aws: AwsExplanations): Promise<Decoded> {
  const asks = atMost(MAX_DECODED, aws)
  const read: DiagnoseInput[] = []
  const unread: string[] = []
  for (const input of inputs) {
    if (input.record === null || input.kind !== 'not-ours') {
      read.push(input)
      continue
    }
    const whole = await readRecord(input.record, asks)
    read.push({ ...whole.parsed, place: input.place, record: input.record })
    if (whole.unread !== null) unread.push(whole.unread)
  }
  return { inputs: read, unread }
}

function atMost(most: number, aws: AwsExplanations): Pick<AwsExplanations, 'decode'> {
  let asked = 0
  return {
    async decode(accountId, blob) {
      asked += 1
      return asked > most ? { known: false, why: `only ${most} are decoded at a time` } : aws.decode(accountId, blob)
    },
  }
}

export function unreadText(whys: readonly string[]): string {
  const many = whys.length === 1 ? '1 encoded message was' : `${whys.length} encoded messages were`
  return `${many} not read: ${[...new Set(whys)].slice(0, 3).join('; ')}`
}
