/** Whether CloudFormation made the two stacks of the hub, and what stopped it. */
import { CloudFormationClient, DescribeStacksCommand } from '@aws-sdk/client-cloudformation'
import { LONG_TIMEOUTS } from '../../../../functions/adapters/aws/clients/index.ts'
import { readStack } from '../../../../functions/adapters/aws/deploy-tools/index.ts'
import { PREFIX } from '../../../../infra/names.ts'
import { type Check, failedCheck, okCheck, warning } from '../check.ts'
import type { MemberAccess } from '../member-access.ts'

export type HubStack = {
  readonly name: string
  /** Null: there is no such stack. */
  readonly status: string | null
  readonly outputs: { readonly [name: string]: string }
  readonly parameters: { readonly [name: string]: string }
  /** What failed first in its last operation. Null: nothing, or it cannot be read. */
  readonly failure: string | null
}

const NAMES = [`${PREFIX}-state`, `${PREFIX}-bot`] as const

export async function readHubStacks(
  { credentials }: MemberAccess,
  region: string,
  nowMs: number,
): Promise<readonly HubStack[]> {
  const client = new CloudFormationClient({ region, credentials, ...LONG_TIMEOUTS })
  return Promise.all(NAMES.map(name => readHubStack(client, name, nowMs)))
}

async function readHubStack(client: CloudFormationClient, name: string, nowMs: number): Promise<HubStack> {
  try {
    const { Stacks: [stack] = [] } = await client.send(new DescribeStacksCommand({ StackName: name }))
    const { StackStatus: status = null, Outputs = [], Parameters = [] } = stack ?? {}
    const outputs = Object.fromEntries(Outputs.map(({ OutputKey = '', OutputValue = '' }) => [OutputKey, OutputValue]))
    const parameters = Object.fromEntries(
      Parameters.map(({ ParameterKey = '', ParameterValue = '' }) => [ParameterKey, ParameterValue]),
    )
    const failure = status === null || WHOLE.test(status) ? null : await firstFailure(client, name, nowMs)
    return { name, status, outputs, parameters, failure }
  } catch (error) {
    if (error instanceof Error && error.name === 'ValidationError' && /does not exist/.test(error.message))
      return { name, status: null, outputs: {}, parameters: {}, failure: null }
    throw error
  }
}

async function firstFailure(client: CloudFormationClient, name: string, nowMs: number): Promise<string | null> {
  const read = await readStack(client, name, nowMs)
  const first = read.known ? read.value.reasons[0] : undefined
  return first === undefined ? null : [first.resource, first.text].filter(Boolean).join(': ')
}

const WHOLE = /^(CREATE|UPDATE|IMPORT)_COMPLETE$/
/** The stack stands as it was before the last deployment. */
const AS_BEFORE = /^(UPDATE|IMPORT)_ROLLBACK_COMPLETE$/

export function stackCheck({ name, status, failure }: HubStack): Check {
  if (status === null) return failedCheck('stack', `${name}: there is no such stack in this Region: deploy it`)
  const why = failure === null ? '' : `: ${failure}`
  if (WHOLE.test(status)) return okCheck('stack', `${name}: ${status}`)
  if (AS_BEFORE.test(status))
    return failedCheck(
      'stack',
      `${name}: ${status}, so the version before is running${why}: correct that and deploy again`,
    )
  return /IN_PROGRESS$/.test(status)
    ? warning('stack', `${name}: ${status}${why}: wait for its end, and ask again`)
    : failedCheck(
        'stack',
        `${name}: ${status}${why}: correct that and deploy again (ROLLBACK_COMPLETE: delete it first)`,
      )
}
