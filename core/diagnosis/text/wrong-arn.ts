/** The text in place of the role's ARN cannot be a role ARN. AWS answers such a call with the same denial. */
import { descriptorOf } from '../../actions/index.ts'
import { parseArn } from '../../iam/index.ts'
import { advice, buildDiagnosis } from '../diagnosis-builder.ts'
import type { DiagnosisContext, Rule } from '../diagnosis-context.ts'
import { decisiveUnknowns } from '../verdict.ts'
import { showRole, writtenRole } from './role-in-text.ts'

export const wrongArn: Rule = context => {
  const { denial } = context
  const { types, mustExist } = descriptorOf(denial.action).target
  if (!mustExist || !types.includes('role')) return null
  const text = denial.unread?.kind === 'malformed' ? denial.unread.text : null
  const fault = text === null ? faultOf(context) : brokenArn(text, partitionOf(context))
  if (fault === null) return null
  const { wrong, why, meant } = fault
  return buildDiagnosis(
    context,
    'likely',
    {
      cause: 'role-not-found',
      summary: `${wrong} names no role: ${why}.`,
      nextSteps: [
        advice(
          `Replace ${wrong} with ${meant} in the configuration of the call. This command shows whether that role exists.`,
          showRole(meant),
          'the person who configures the call',
        ),
      ],
    },
    decisiveUnknowns(context),
  )
}

export type WrongArn = { readonly wrong: string; readonly why: string; readonly meant: string }

const ACCOUNT = '111122223333'

/** What is wrong with a complete role ARN that the caller cannot mean. */
function faultOf({ denial }: DiagnosisContext): WrongArn | null {
  const { resource } = denial
  const arn = parseArn(resource ?? '')
  if (resource === null || arn === null) return null
  const nested = nestedArn(resource, arn.partition)
  if (nested !== null) return nested
  const caller = parseArn(denial.principal.arn ?? '')
  if (caller === null || writtenRole(resource) === null) return null
  // Who hides accounts hides that of the caller too.
  if (arn.accountId === '' && caller.accountId !== '' && !descriptorOf(denial.action).passesRoles)
    return {
      wrong: resource,
      why: 'it has no account, as from a variable that is not set or an account that was not found',
      meant: resource.replace(':::role/', '::<account>:role/'),
    }
  if (caller.partition !== arn.partition)
    return {
      wrong: resource,
      why: `it is in partition ${arn.partition}, and the caller is in ${caller.partition}, which has other accounts and roles`,
      meant: resource.replace(`arn:${arn.partition}:`, `arn:${caller.partition}:`),
    }
  return null
}

/** The role ARN that the caller probably meant instead of an ARN of another type. */
export function meantRole(text: string): string {
  const arn = parseArn(text)
  const account = arn?.accountId || ACCOUNT
  const [kind = '', name = ''] = arn?.resource.split('/') ?? []
  const prefix = `arn:${arn?.partition ?? 'aws'}:iam::${account}:role/`
  if (arn?.service === 'sts' && kind === 'assumed-role' && name !== '') return `${prefix}${name}`
  return arn?.service === 'iam' && name === '' && kind !== 'root' && kind !== ''
    ? `${prefix}${kind}`
    : `${prefix}<role>`
}

const partitionOf = ({ denial }: DiagnosisContext): string =>
  parseArn(denial.principal.arn ?? '')?.partition ?? denial.partition

function brokenArn(text: string, partition: string): WrongArn | null {
  const nested = nestedArn(text, partition)
  if (nested !== null) return nested
  const meant = repaired(text, partition)
  return meant === null || meant === text ? null : { wrong: text, why: missingIn(text), meant }
}

/** The ARN completed from the parts that are present. */
function repaired(text: string, partition: string): string | null {
  const [, account, role] = /(?:^|:)iam:{1,2}([^:/]{1,64})[:/](role\/[^:]{1,512})$/.exec(text) ?? []
  if (account === undefined || role === undefined) return null
  return `arn:${/(?:^|:)(aws[a-z-]{0,20}):iam:/.exec(text)?.[1] ?? partition}:iam::${account.replaceAll('"', '')}:${role}`
}

function nestedArn(text: string, partition: string): WrongArn | null {
  const inner = text.lastIndexOf('arn:')
  const meant = inner > 0 ? repaired(text.slice(inner), partition) : null
  return meant === null ? null : { wrong: text, why: 'it has a whole ARN in place of a name', meant }
}

function missingIn(text: string): string {
  if (text.includes('${AWS::Partition}')) return 'nothing has put a partition in place of ${AWS::Partition}'
  if (!text.startsWith('arn:')) return '“arn:” is missing at its start'
  if (/^arn:iam:/.test(text)) return 'the partition is missing (aws, aws-cn or aws-us-gov, after “arn:”)'
  if (text.includes('"')) return 'the quotes around the account are part of it'
  return 'there have to be two colons between “iam” and the account'
}
