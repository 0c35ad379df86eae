/** What is global in an account: reader and writer role. One template for a StackSet of one Region. */
import { type Environment, Stack } from 'aws-cdk-lib'
import type { Construct } from 'constructs'
import { memberPlace } from '../constructs/ingest/member-place.ts'
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
  const writer = writerRole(stack, { settings, config }, place)
  if (place.administersPermissionSets !== null)
    permissionSetPolicy(stack, writer).cfnOptions.condition = place.administersPermissionSets
  return stack
}
