/** The global resources of an account: reader and writer role. One template for a StackSet of one Region. */
import { CfnCondition, CfnParameter, type Environment, Fn, Stack } from 'aws-cdk-lib'
import type { Construct } from 'constructs'
import { memberPlace, onlyIf } from '../constructs/ingest/member-place.ts'
import { type ReaderProps, readerRole } from '../constructs/roles/reader-role.ts'
import type { WriterPolicyProps } from '../constructs/roles/writer-policy.ts'
import { permissionSetPolicy, writerRole } from '../constructs/roles/writer-role.ts'
import { PREFIX } from '../names.ts'
import { memberProps } from './member.ts'

export type RolesProps = WriterPolicyProps & ReaderProps & { readonly env?: Environment }

export function rolesStack(scope: Construct, { settings, config, env }: RolesProps): Stack {
  const stack = new Stack(
    scope,
    `${PREFIX}-roles`,
    memberProps('rolemedic: the roles that the bot assumes in one account', env),
  )
  const place = memberPlace(stack, settings)
  readerRole(stack, { settings, config }, place)
  const writes = writesCondition(stack)
  const writer = writerRole(stack, { settings, config }, place)
  for (const part of [writer, stack.node.findChild('WriterBoundary')]) onlyIf(writes, part)
  if (place.administersPermissionSets !== null)
    permissionSetPolicy(stack, writer).cfnOptions.condition = new CfnCondition(stack, 'WritesPermissionSetsHere', {
      expression: Fn.conditionAnd(place.administersPermissionSets, writes),
    })
  return stack
}

/** The reader-only form, for accounts with mode observe or recommend. */
function writesCondition(stack: Stack): CfnCondition {
  const parameter = new CfnParameter(stack, 'WriterRole', {
    type: 'String',
    allowedValues: ['yes', 'no'],
    default: 'yes',
    description:
      'no: without the role rolemedic-writer, so that nothing can be changed here. Enough for observe and recommend.',
  })
  return new CfnCondition(stack, WRITES_CONDITION, { expression: Fn.conditionEquals(parameter.valueAsString, 'yes') })
}

export const WRITES_CONDITION = 'Writes'
