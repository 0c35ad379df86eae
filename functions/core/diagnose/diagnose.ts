/** Names the one true cause of a denial, with the statements that decide it and what could not be seen. Never guesses. */
import type { AccessPicture } from '../access/access-picture.ts'
import type { Config } from '../config/config.ts'
import type { Denial } from '../denial/denial.ts'
import { roleMissing } from './absent-role.ts'
import type { Diagnosis } from './diagnosis.ts'
import { explicitDenyByWords, explicitDenyRead, undecidedDeny } from './explicit-deny.ts'
import { guardrailByWords, guardrailRead } from './guardrail-layers.ts'
import { crossAccountPass, reservedRole, rootCaller } from './never-allowed.ts'
import { permissionGap } from './permission-gap.ts'
import { type Rule, sceneOf } from './scene.ts'
import { selfAssume } from './self-assume.ts'
import { alreadyAllowed, notEnough } from './settled.ts'

/** Tried in this order; the first that knows the cause names it. */
const RULES: readonly Rule[] = [
  rootCaller,
  crossAccountPass,
  reservedRole,
  roleMissing,
  // An explicit deny wins over every allow, and a guardrail over every grant below it.
  explicitDenyRead,
  explicitDenyByWords,
  guardrailRead,
  guardrailByWords,
  selfAssume,
  permissionGap,
  undecidedDeny,
  alreadyAllowed,
]

export function diagnose(
  denial: Denial,
  picture: AccessPicture,
  options: { readonly config: Config; readonly nowMs: number },
): Diagnosis {
  const scene = sceneOf(denial, picture, options)
  for (const rule of RULES) {
    const diagnosis = rule(scene)
    if (diagnosis !== null) return diagnosis
  }
  return notEnough(scene)
}
