import type { AccessRequest } from '../../core/iam/index.ts'
import type { GuardrailFinding, Patch } from '../../core/patch/index.ts'

/**
 * AWS's own checks of a drafted patch, and of the requests that it should allow. A check that cannot run is a warning among the findings.
 */
export interface SecondOpinion {
  ask(patch: Patch, requests: readonly AccessRequest[]): Promise<readonly GuardrailFinding[]>
}
