/** One rotation of each signing key, as parameters: a template cannot have a key for each element of a list. */
import { CfnCondition, CfnOutput, CfnResource, Fn, type Stack } from 'aws-cdk-lib'
import { CfnKey } from 'aws-cdk-lib/aws-kms'
import type { KeyUse } from '../../functions/domain/authority/index.ts'
import { describedKey, keyId, type SigningKey, type SigningKeys } from '../constructs/state/signing-keys.ts'
import type { DeploySettings } from '../settings.ts'
import type { State } from '../stacks/state.ts'
import { addParameters, given, type ParameterName } from './parameters.ts'

const RETIRED_AT = {
  decisions: 'DecisionsKeyRetiredAt',
  attestations: 'AttestationsKeyRetiredAt',
  outcomes: 'OutcomesKeyRetiredAt',
  enrollments: 'EnrollmentsKeyRetiredAt',
} as const satisfies { readonly [use in KeyUse]?: ParameterName }
type Rotated = keyof typeof RETIRED_AT
const ROTATED = Object.keys(RETIRED_AT) as readonly Rotated[]

/** As if all were rotated once. */
export const KEY_ROTATIONS: DeploySettings['keyRotations'] = {
  decisions: [given(RETIRED_AT.decisions)],
  attestations: [given(RETIRED_AT.attestations)],
  outcomes: [given(RETIRED_AT.outcomes)],
  enrollments: [given(RETIRED_AT.enrollments)],
}

/** The second key is made only where the parameter says when the first was retired. */
export function rotatesOnce({ stack, signing }: State): SigningKeys {
  conditions(stack)
  for (const node of stack.node.findAll())
    if (node instanceof CfnResource || node instanceof CfnOutput) {
      const use = ROTATED.find(one => node.node.path.includes(keyId(one, 2)))
      if (use === undefined) continue
      const condition = stack.node.findChild(rotates(use)) as CfnCondition
      if (node instanceof CfnOutput) node.condition = condition
      else node.cfnOptions.condition = condition
    }
  for (const use of ROTATED) {
    const first = stack.node
      .findAll()
      .find(node => node instanceof CfnKey && node.node.path.includes(`/${keyId(use, 1)}/`))
    if (!(first instanceof CfnKey)) throw new Error(`there is no key of ${use}`)
    const [whenRotated, otherwise] = [describedKey(use, given(RETIRED_AT[use])), describedKey(use)]
    first.description = Fn.conditionIf(rotates(use), whenRotated, otherwise).toString()
  }
  const chosen = (use: Rotated): SigningKey => chosenBy(use, signing[use])
  return {
    ...signing,
    decisions: chosen('decisions'),
    attestations: chosen('attestations'),
    outcomes: chosen('outcomes'),
    enrollments: chosen('enrollments'),
  }
}

/** For a stack that takes the keys as `rotatesOnce` gives them. */
export function conditions(stack: Stack): void {
  addParameters(stack, Object.values(RETIRED_AT))
  for (const use of ROTATED)
    new CfnCondition(stack, rotates(use), {
      expression: Fn.conditionNot(Fn.conditionEquals(given(RETIRED_AT[use]), '')),
    })
}

const rotates = (use: Rotated): string => `Rotates${keyId(use, 1)}`

function chosenBy(use: Rotated, { all: [second = '', first = ''], listed }: SigningKey): SigningKey {
  const either = (whenRotated: unknown, otherwise: unknown): string =>
    Fn.conditionIf(rotates(use), whenRotated, otherwise).toString()
  return {
    signs: either(second, first),
    all: [first, either(second, { Ref: 'AWS::NoValue' })],
    listed: either(listed, first),
  }
}
