import type { AccessRequest } from '../domain/iam/evaluation/evaluation.ts'
import type { Patch } from '../domain/patch/patch.ts'
import type { GuardrailFinding } from '../domain/patch/verification/verification.ts'

/** AWS's own checks of a drafted patch, and of the requests that it is to allow. What cannot be asked is a warning among the findings. */
export interface SecondOpinion {
  ask(patch: Patch, requests: readonly AccessRequest[]): Promise<readonly GuardrailFinding[]>
}
