/** Names the one true cause of a denial, with the statements that decide it and what could not be seen. Never guesses. */
import type { AccessPicture } from './access-picture.ts'
import type { Config } from './config.ts'
import type { Denial } from './denial.ts'
import { roleMissing } from './diagnose/absent-role.ts'
import { explicitDenyByWords, explicitDenyRead, undecidedDeny } from './diagnose/explicit-deny.ts'
import { guardrailByWords, guardrailRead } from './diagnose/guardrail-layers.ts'
import { crossAccountPass, reservedRole, rootCaller } from './diagnose/never-allowed.ts'
import { permissionGap } from './diagnose/permission-gap.ts'
import { type Rule, sceneOf } from './diagnose/scene.ts'
import { selfAssume } from './diagnose/self-assume.ts'
import { alreadyAllowed, notEnough } from './diagnose/settled.ts'
import type { Diagnosis } from './diagnosis.ts'

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
