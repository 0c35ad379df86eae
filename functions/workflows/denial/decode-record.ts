/** One record, with its encoded message decoded if AWS can be asked. */

import { denialFromDecoded, encodedOnlyIn, type ParsedDenial, parseRecord } from '../../../core/denial/index.ts'
import type { AwsExplanations } from '../../ports/aws-explanations.ts'

export type ReadRecord = {
  readonly parsed: ParsedDenial
  /** Why the encoded message, which alone says what was denied, could not be read. Null: there is none, or it was read. */
  readonly unread: string | null
}

export async function readRecord(record: unknown, aws: Pick<AwsExplanations, 'decode'> | null): Promise<ReadRecord> {
  const parsed = parseRecord(record)
  const encoded = parsed.kind === 'not-ours' && parsed.unclear === true ? encodedOnlyIn(record) : null
  if (encoded === null) return { parsed, unread: null }
  if (encoded.cut) return { parsed, unread: 'it was cut: take it whole from the output of the failed command' }
  if (aws === null) return { parsed, unread: 'it needs sts:DecodeAuthorizationMessage' }
  const decoded = await aws.decode(encoded.accountId, encoded.blob)
  if (decoded.known) return { parsed: denialFromDecoded(record, decoded.value), unread: null }
  return { parsed, unread: `${decoded.why} (account ${encoded.accountId} made it)` }
}
