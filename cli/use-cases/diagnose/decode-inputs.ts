/** Decodes denials that are only in an encoded message, by asking AWS (`--live`). */

import type { FoundInText } from '../../../core/denial/index.ts'
import type { AwsExplanations } from '../../../functions/ports/index.ts'
import { readRecord } from '../../../functions/workflows/index.ts'

export type DecodedInputs = {
  readonly inputs: readonly FoundInText[]
  /** Why messages could not be decoded. */
  readonly undecoded: readonly string[]
}

/** Each takes one request, and decoding a whole log would be throttled. */
const MAX_DECODED = 100

export async function decodeInputs(inputs: readonly FoundInText[], aws: AwsExplanations): Promise<DecodedInputs> {
  const limited = atMost(MAX_DECODED, aws)
  const decoded: FoundInText[] = []
  const undecoded: string[] = []
  for (const input of inputs) {
    if (input.record === null || input.kind !== 'not-ours') {
      decoded.push(input)
      continue
    }
    const whole = await readRecord(input.record, limited)
    decoded.push({ ...whole.parsed, line: input.line, again: input.again, record: input.record })
    if (whole.unread !== null) undecoded.push(whole.unread)
  }
  return { inputs: decoded, undecoded }
}

function atMost(most: number, aws: AwsExplanations): Pick<AwsExplanations, 'decode'> {
  let asked = 0
  return {
    async decode(accountId, blob) {
      asked += 1
      return asked > most ? { known: false, why: `at most ${most} are decoded per run` } : aws.decode(accountId, blob)
    },
  }
}

export function undecodedText(whys: readonly string[]): string {
  const many = whys.length === 1 ? '1 encoded message was' : `${whys.length} encoded messages were`
  return `${many} not decoded: ${[...new Set(whys)].slice(0, 3).join('; ')}`
}
