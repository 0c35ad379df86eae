/** Asks the function `enroll`, in the name of whose AWS credentials these are. */
import { UsageError } from '../../../core/base/index.ts'
import { readEnrollRequest, wordsOfRequest } from '../../../functions/domain/authority/index.ts'
import type { EnrollAnswer, UnsignedAsk } from '../../../functions/enroll/index.ts'
import type { PasskeysOutput } from '../../outputs/operate/passkeys.ts'

/** Signs the ask, and invokes the function. Throws UsageError where AWS refuses. */
export type EnrollFunction = (ask: UnsignedAsk) => Promise<EnrollAnswer>

type Done = Extract<EnrollAnswer, { done: unknown }>['done']

async function done<K extends string>(ask: UnsignedAsk, member: K, enroll: EnrollFunction) {
  const answer = await enroll(ask)
  if ('refused' in answer) throw new UsageError(`rolemedic-enroll refuses: ${answer.refused}`)
  if (!(member in answer.done)) throw new UsageError('rolemedic-enroll is another version than this command')
  return answer.done as Extract<Done, { readonly [member in K]: unknown }>
}

/** Throws UsageError where the code is not the one whose words were read out: somebody would enroll another device. */
export function requireWords(request: string, words: string): void {
  const read = readEnrollRequest(request)
  if (!read.ok) throw new UsageError(read.error)
  const own = wordsOfRequest(read.value.request)
  if (own !== words) throw new UsageError('this code has other words than you were read: it is of another device')
}

export async function enrollPasskey(request: string, enroll: EnrollFunction): Promise<string> {
  const { userId, confirmedBy, effectiveMs } = await done({ ask: 'enroll', request }, 'effectiveMs', enroll)
  const by = `Confirmed by ${confirmedBy.join(' and ')}.`
  if (effectiveMs === null)
    return `${by} The first people need two: another administrator, in a session of their own, runs the same command.`
  return `${by} The passkey of ${userId} counts at every risk from ${new Date(effectiveMs).toISOString()} on.`
}

export async function removePasskey(userId: string, credential: string, enroll: EnrollFunction): Promise<string> {
  const removed = await done({ ask: 'remove', userId, credential }, 'credentialId', enroll)
  return `Nothing more is approved with the passkey ${credential} of ${removed.userId}.`
}

export async function listPasskeys(enroll: EnrollFunction): Promise<PasskeysOutput> {
  const { passkeys, groups } = await done({ ask: 'list' }, 'passkeys', enroll)
  return {
    schema: 'rolemedic.passkeys/1',
    passkeys: passkeys.map(({ rpId, atMs, confirmedBy, ...one }) => ({
      ...one,
      ...{ host: rpId, confirmedBy: [...confirmedBy], enrolled: new Date(atMs).toISOString() },
    })),
    groups: groups.map(({ group, enrolled }) => ({ group, enrolled: enrolled === null ? null : [...enrolled] })),
  }
}
