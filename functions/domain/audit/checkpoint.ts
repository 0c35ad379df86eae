/** The end of the log, signed and posted where nobody who can change the log can change it. */

import * as z from 'zod'
import { fail, ok, type Result } from '../../../core/base/index.ts'
import { isSigned, type KeyRing, type Signature, signatureSchema, signedBytes } from '../authority/index.ts'
import { type ChainHead, recordName } from './audit-chain.ts'
import type { ChainFinding } from './verify-chain.ts'

const SCHEMA = 'rolemedic.checkpoint/1'

const checkpointSchema = z.strictObject({
  schema: z.literal(SCHEMA),
  sequence: z.int().check(z.gte(1)),
  hash: z.string().check(z.regex(/^sha256:[0-9a-f]{64}$/)),
  atMs: z.int().check(z.gte(0), z.lte(8_640_000_000_000_000)),
})
const signedCheckpointSchema = z.strictObject({ checkpoint: checkpointSchema, signature: signatureSchema })

export type Checkpoint = ChainHead & { readonly schema: typeof SCHEMA; readonly atMs: number }
export type SignedCheckpoint = { readonly checkpoint: Checkpoint; readonly signature: Signature }

export const checkpointOf = ({ sequence, hash }: ChainHead, atMs: number): Checkpoint => ({
  schema: SCHEMA,
  sequence,
  hash,
  atMs,
})

/** The bytes that `verify` signs. */
export const checkpointBytes = (checkpoint: Checkpoint): Buffer => signedBytes(SCHEMA, checkpoint)

/** Any number of them, one a line or alone, also among other lines: a file may be a copied message. The error says what is wrong. */
export function parseCheckpoints(text: string): Result<readonly SignedCheckpoint[], string> {
  const whole = parseCheckpoint(text)
  if (whole !== null) return ok([whole])
  const found = text.split('\n').flatMap(line => {
    const from = line.indexOf('{"checkpoint":')
    const to = line.lastIndexOf('}')
    const one = from < 0 ? null : parseCheckpoint(line.slice(from, to + 1))
    return one === null ? [] : [one]
  })
  return found.length === 0 ? fail('it contains no signed checkpoint') : ok(found)
}

function parseCheckpoint(text: string): SignedCheckpoint | null {
  try {
    return signedCheckpointSchema.parse(JSON.parse(text))
  } catch {
    return null
  }
}

/**
 * `hashes`: of the records with the numbers of checkpoints. `last`: the number of the last record. `keys`: null where nobody gave
 * them; then a checkpoint is believed as it is.
 */
export function checkCheckpoints(
  { hashes, last }: { readonly hashes: ReadonlyMap<number, string>; readonly last: number },
  checkpoints: readonly SignedCheckpoint[],
  keys: KeyRing | null,
): readonly ChainFinding[] {
  return checkpoints.flatMap(({ checkpoint, signature }): readonly ChainFinding[] => {
    const { sequence, hash, atMs } = checkpoint
    const place = recordName(sequence)
    const when = new Date(atMs).toISOString()
    if (keys !== null && !isOurs(checkpoint, signature, keys))
      return [{ kind: 'checkpoint', place, sequence, detail: `the checkpoint of ${when} is not signed by verify` }]
    if (hashes.get(sequence) === hash) return []
    if (sequence > last)
      return [
        {
          kind: 'truncated',
          place: recordName(last + 1),
          sequence: last + 1,
          detail: `the checkpoint of ${when} names record ${sequence} as the last one; the log ends at ${last}`,
        },
      ]
    return [{ kind: 'rewritten', place, sequence, detail: `the checkpoint of ${when} names another content of it` }]
  })
}

/** `verify` makes them; before it was there, `apply` did. */
function isOurs(checkpoint: Checkpoint, signature: Signature, keys: KeyRing): boolean {
  const bytes = checkpointBytes(checkpoint)
  return isSigned(bytes, signature, keys, 'attestations') || isSigned(bytes, signature, keys, 'audit')
}
