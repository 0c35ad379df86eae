/** Adds a last step to copy to the answer to a text: if no change is offered, commands that show the cause. */
import { type PolicyType, parseArn } from '../../iam/index.ts'
import { type Diagnosis, isOffered, type NextStep } from '../diagnosis.ts'
import { advice } from '../diagnosis-builder.ts'
import type { DiagnosisContext } from '../diagnosis-context.ts'
import { policiesStep } from '../wording/policies-step.ts'
import { withArticle } from '../wording/short-names.ts'
import { called, isAccount, showRole, showTrust, typeable, writtenRole } from './role-in-text.ts'

export function withLastStep(context: DiagnosisContext, diagnosis: Diagnosis): Diagnosis {
  if (isOffered(diagnosis, context.config.patchLikely)) return diagnosis
  const { nextSteps, gaps } = diagnosis
  // A gap is not patched if something could not be read.
  const steps = [...nextSteps, ...(gaps.length === 0 ? [] : policiesStep(context))]
  const last = steps.at(-1)
  const ends = last !== undefined && last.command !== null
  return { ...diagnosis, nextSteps: ends ? steps : [...steps, lastStep(context, diagnosis)] }
}

function lastStep(context: DiagnosisContext, { cause }: Diagnosis): NextStep {
  const { denial } = context
  switch (cause) {
    case 'explicit-deny':
    case 'boundary-gap':
    case 'session-policy-gap':
    case 'scp-gap':
    case 'rcp-gap':
    case 'vpce-gap':
      return layerStep(context)
    case 'cross-account-pass-role':
      return writtenRole(denial.resource) === null
        ? advice(
            'In which account the call is made: the role has to be in the same one.',
            'aws sts get-caller-identity',
          )
        : advice(
            `Whether ${withArticle(called(denial.resource))} is in the account of the call as well.`,
            showRole(denial.resource),
          )
    case 'role-not-found':
    case 'role-name-mismatch':
    case 'reserved-role':
      return advice('The roles that there are.', "aws iam list-roles --query 'Roles[].Arn' --output text")
    default:
      return advice('As whom the call is made.', 'aws sts get-caller-identity')
  }
}

function layerStep({ denial, reason }: DiagnosisContext): NextStep {
  const { principal, resource, reasonPolicyArn } = denial
  const account = principal.accountId ?? writtenRole(resource)?.account ?? ''
  const target = isAccount(account) ? account : 'ACCOUNT_ID'
  const layer = reason?.layer ?? null
  const name = typeable(principal.name) ?? 'NAME'
  const entity = principal.kind === 'user' ? `user --user-name ${name}` : `role --role-name ${name}`
  switch (layer) {
    case 'scp':
    case 'rcp':
      return advice('The policy, read in the management account.', organizationCommand(layer, reasonPolicyArn, target))
    case 'boundary':
      return advice(
        'The boundary of the caller.',
        `aws iam get-${entity} --query ${principal.kind === 'user' ? 'User' : 'Role'}.PermissionsBoundary`,
      )
    case 'trust':
      return advice('The trust policy of the role.', showTrust(resource))
    case 'vpce':
      return advice(
        'The policies of the VPC endpoints.',
        "aws ec2 describe-vpc-endpoints --query 'VpcEndpoints[].[VpcEndpointId,ServiceName,PolicyDocument]'",
      )
    case 'session':
      return advice(
        'The session policy is in the record of the call that started the session.',
        'aws cloudtrail lookup-events --lookup-attributes AttributeKey=EventName,AttributeValue=AssumeRole > events.json',
      )
    case 'identity':
    case null:
      return advice('The policies of the caller.', 'aws iam get-account-authorization-details > account.json')
    default:
      return layer satisfies never
  }
}

function organizationCommand(
  type: Extract<PolicyType, 'scp' | 'rcp'>,
  policyArn: string | null,
  target: string,
): string {
  const id = /\/(p-[a-z0-9]{8,128})$/.exec(parseArn(policyArn ?? '')?.resource ?? '')?.[1]
  if (id !== undefined) return `aws organizations describe-policy --policy-id ${id}`
  const filter = type === 'scp' ? 'SERVICE_CONTROL_POLICY' : 'RESOURCE_CONTROL_POLICY'
  return `aws organizations list-policies-for-target --target-id ${target} --filter ${filter}`
}
