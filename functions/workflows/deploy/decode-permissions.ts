/** What only encoded messages of a failed deploy name, decoded by AWS as the account's reader. */
import { encodedAt } from '../../../core/denial/index.ts'
import {
  decodedPermission,
  distinctPermissions,
  type FailedDeploy,
  type FailureReason,
  type MissingPermission,
  type OwnIdentity,
} from '../../domain/deploy/index.ts'
import type { AwsExplanations } from '../../ports/aws-explanations.ts'

/** Of one deploy. Each is a call to AWS, made at the same time. */
const MAX_DECODED = 3

/** `judge` null: who asks gave the texts. A message that cannot be decoded leaves what the text names. */
export async function decodePermissions(
  named: readonly MissingPermission[],
  reasons: readonly FailureReason[],
  accountId: string,
  judge: { readonly deploy: Pick<FailedDeploy, 'kind' | 'accountId'>; readonly own: readonly OwnIdentity[] } | null,
  { decode }: Pick<AwsExplanations, 'decode'>,
): Promise<readonly MissingPermission[]> {
  const open = named
    .filter(({ action }) => action === null)
    .flatMap(one => encodedIn(one, reasons))
    .slice(0, MAX_DECODED)
  if (open.length === 0) return named
  const whole = await Promise.all(
    open.map(async ({ one, reason, message }) => {
      const evaluation = await decode(accountId, message).catch(() => null)
      return { one, read: evaluation?.known ? decodedPermission(one, reason, evaluation.value, judge) : null }
    }),
  )
  return distinctPermissions(named.map(one => whole.find(each => each.one === one)?.read ?? one))
}

/** True where only an encoded message names the action, which may be ours. */
export const isEncoded = (one: MissingPermission, reasons: readonly FailureReason[]): boolean =>
  one.action === null && encodedIn(one, reasons).length > 0

function encodedIn(one: MissingPermission, reasons: readonly FailureReason[]) {
  const own = reasons.filter(
    ({ atMs, resource }) => atMs === one.atMs && (one.place === null || resource === one.place),
  )
  for (const reason of own) {
    const message = encodedAt(reason.text, one.line)
    if (message !== null) return [{ one, reason, message }]
  }
  return []
}
