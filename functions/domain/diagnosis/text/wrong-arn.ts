/** What stands where a role's ARN belongs can be none: AWS answers such a call with the same denial. */
import { descriptorOf } from '../../actions/actions.ts'
import { parseArn } from '../../iam/arn.ts'
import { advice, buildDiagnosis } from '../diagnosis-builder.ts'
import type { DiagnosisContext, Rule } from '../diagnosis-context.ts'
import { decisiveUnknowns } from '../verdict.ts'
import { showRole, writtenRole } from './role-in-text.ts'

export const wrongArn: Rule = context => {
  const { denial } = context
  const { types, mustExist } = descriptorOf(denial.action).target
  if (!mustExist || !types.includes('role')) return null
  const said = denial.unread?.kind === 'malformed' ? denial.unread.said : null
  const fault = said === null ? faultOf(context) : brokenArn(said, partitionOf(context))
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
          `Where the call is configured, write ${meant} instead of ${wrong}. This shows whether that role exists.`,
          showRole(meant),
          'whoever configures the call',
        ),
      ],
    },
    decisiveUnknowns(context),
  )
}

export type WrongArn = { readonly wrong: string; readonly why: string; readonly meant: string }

const ACCOUNT = '111122223333'

/** An ARN that is whole, and of no role that the caller could mean. */
function faultOf({ denial }: DiagnosisContext): WrongArn | null {
  const { resource } = denial
  const arn = parseArn(resource ?? '')
  if (resource === null || arn === null) return null
  const nested = nestedArn(resource, arn.partition)
  if (nested !== null) return nested
  const caller = parseArn(denial.principal.arn ?? '')?.partition ?? arn.partition
  if (caller !== arn.partition && writtenRole(resource) !== null)
    return {
      wrong: resource,
      why: `it is of partition ${arn.partition}, and the caller is of ${caller}, whose roles and accounts are others`,
      meant: resource.replace(`arn:${arn.partition}:`, `arn:${caller}:`),
    }
  return null
}

/** What an ARN that names another thing than a role was meant to be. */
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

function brokenArn(said: string, partition: string): WrongArn | null {
  const nested = nestedArn(said, partition)
  if (nested !== null) return nested
  const meant = repaired(said, partition)
  return meant === null || meant === said ? null : { wrong: said, why: missingIn(said), meant }
}

/** What the parts that are there make of an ARN. */
function repaired(said: string, partition: string): string | null {
  const [, account, role] = /(?:^|:)iam:{1,2}([^:/]{1,64})[:/](role\/[^:]{1,512})$/.exec(said) ?? []
  if (account === undefined || role === undefined) return null
  return `arn:${/(?:^|:)(aws[a-z-]{0,20}):iam:/.exec(said)?.[1] ?? partition}:iam::${account}:${role}`
}

function nestedArn(said: string, partition: string): WrongArn | null {
  const inner = said.lastIndexOf('arn:')
  const meant = inner > 0 ? repaired(said.slice(inner), partition) : null
  return meant === null ? null : { wrong: said, why: 'a whole ARN stands where a name belongs', meant }
}

function missingIn(said: string): string {
  if (!said.startsWith('arn:')) return '“arn:” is missing at its start'
  if (/^arn:iam:/.test(said)) return 'the partition is missing (aws, aws-cn or aws-us-gov, behind “arn:”)'
  return 'between “iam” and the account there are two colons'
}
