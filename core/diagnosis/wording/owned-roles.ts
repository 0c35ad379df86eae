/**
 * Roles that a tool makes and keeps as it wants them: what somebody adds by hand is drift, and is gone with its next deploy. What a
 * role is allowed is changed with the tool.
 */
import type { Denial } from '../../denial/index.ts'
import type { NextStep } from '../diagnosis.ts'
import { typeable } from '../text/role-in-text.ts'
import { bootstrapCommand, bootstrapRoleIn } from './cdk-bootstrap.ts'

export type RoleOfTool = {
  /** The tool, as the subject of a sentence. */
  readonly tool: string
  /** How to allow the caller something, and who does it. */
  readonly step: NextStep
}

/** Null for a caller whose role no tool is known to own. `missing`: what it lacks, as in "iam:PassRole on role orders". */
export function ownedRole({ principal, hints }: Denial, missing: string): RoleOfTool | null {
  const { kind, name } = principal
  return kind === 'role' && name !== null ? ownedByName(name, missing, hints?.tool ?? null) : null
}

/** `tool`: the one that the text names. */
export function ownedByName(name: string, missing: string, tool: string | null = null): RoleOfTool | null {
  const bootstrap = bootstrapRoleIn(name)
  if (bootstrap !== null) return ofBootstrap(bootstrap, missing)
  if (/^(?:AWSControlTower|aws-controltower-)/.test(name)) return CONTROL_TOWER(name, missing)
  if (/^amplify-[\w-]{1,100}-(?:auth|unauth)Role$/.test(name)) return amplify('amplify override project', missing)
  if (/^amplify-|LambdaRole[0-9a-f]{8}-/.test(name) && tool === 'amplify') return amplify(null, missing)
  return SST_ROLE.test(name) ? sst(missing) : null
}

/**
 * Who may assume a role of the CDK's bootstrap; null for every other role.
 * https://docs.aws.amazon.com/cdk/v2/guide/bootstrapping-env.html
 */
export function ownedTrust(name: string): NextStep | null {
  const role = bootstrapRoleIn(name)
  if (role === null || role.kind === 'cfn-exec') return null
  return {
    text: 'Let the account of the caller in through the bootstrap stack of the CDK, which owns this role: bootstrap again with that account beside those that are trusted now.',
    command: `${bootstrapCommand(role)} ${role.kind === 'lookup' ? '--trust-for-lookup' : '--trust'} ACCOUNT_ID`,
    owner: 'the person who bootstraps the environment',
  }
}

/** https://docs.aws.amazon.com/cdk/v2/guide/bootstrapping-customizing.html */
function ofBootstrap(role: NonNullable<ReturnType<typeof bootstrapRoleIn>>, missing: string): RoleOfTool {
  const policies = role.kind === 'cfn-exec' ? ' --cloudformation-execution-policies POLICY_ARN' : ''
  const how =
    role.kind === 'cfn-exec'
      ? 'put it into a managed policy, and bootstrap again with that policy beside those that are given now'
      : 'add it to the template of the bootstrap stack, and bootstrap again'
  return {
    tool: 'the bootstrap stack of the CDK',
    step: {
      text: `Allow ${missing} through the bootstrap stack of the CDK, which owns this role: ${how}.`,
      command: `${bootstrapCommand(role)}${policies}`,
      owner: 'the person who bootstraps the environment',
    },
  }
}

/** https://docs.aws.amazon.com/controltower/latest/userguide/resolve-drift.html */
const CONTROL_TOWER = (name: string, missing: string): RoleOfTool => ({
  tool: 'Control Tower',
  step: {
    text: `Leave ${typeable(name) ?? 'the role'} as it is, because Control Tower owns it: make the call with a role of your own, and allow that one ${missing}. If the role was changed, reset the landing zone or register the unit again.`,
    command: 'aws controltower list-landing-zones',
    owner: 'the administrators of Control Tower',
  },
})

/** https://docs.amplify.aws/gen1/javascript/tools/cli/project/override-iam/ */
const amplify = (override: string | null, missing: string): RoleOfTool => ({
  tool: 'Amplify',
  step: {
    text: `Allow ${missing} in the backend of the Amplify project, which owns this role${override === null ? ' (custom-policies.json of the function)' : ''}, and push it.`,
    command: override === null ? 'amplify push' : `${override} && amplify push`,
    owner: null,
  },
})

/** `dev-apiRouteTmskrbHandlerRole-bdmeovvh`: https://github.com/anomalyco/sst/issues/5762 */
const SST_ROLE = /^[\w-]{1,60}-[A-Za-z0-9]{1,60}(?:Handler|Function|Execution|Task)Role-[a-z]{8}$/

/** https://sst.dev/docs/component/aws/function/#permissions */
const sst = (missing: string): RoleOfTool => ({
  tool: 'SST',
  step: {
    text: `Allow ${missing} in the permissions of the function in sst.config.ts, as SST owns this role, and deploy it.`,
    command: 'npx sst deploy',
    owner: null,
  },
})
