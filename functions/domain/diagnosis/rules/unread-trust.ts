/** The caller is allowed and the role could not be read, as it is in another account: its trust policy is what remains. */

import { advice } from '../diagnosis-builder.ts'
import { type DiagnosisContext, layerOutcome } from '../diagnosis-context.ts'
import { showRole, writtenRole } from '../text/role-in-text.ts'
import { maybeNotBootstrapped } from '../wording/cdk-bootstrap.ts'
import { roleName } from '../wording/short-names.ts'
import type { Side } from './side.ts'

export function unreadTrustSide(context: DiagnosisContext): Side | null {
  const { target, resource, snapshot, roleAccount } = context
  const unread = target?.role.kind === 'unreadable' || (target?.role.kind === 'found' && !target.role.value.trust.known)
  if (!unread || resource === null || snapshot.caller.kind !== 'found') return null
  if (layerOutcome(context, 'identity')?.answer !== 'allows') return null
  return {
    cause: 'trust-gap',
    finding: `the caller's own policies allow it, so the trust policy of ${roleName(resource)}, which could not be read, is what most likely keeps it out`,
    evidence: [],
    gaps: [],
    nextSteps: [
      advice(
        `Read the trust policy in account ${roleAccount ?? 'of the role'}; the role may also not exist.`,
        showRole(resource),
        `the owner of account ${roleAccount ?? 'of the role'}`,
      ),
      ...maybeNotBootstrapped(writtenRole(resource)?.name ?? null),
    ],
    uncertain: [],
    needsMfa: false,
  }
}
