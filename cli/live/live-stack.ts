/** `--live --stack`: the last operation and the template of a stack, with the local AWS credentials. */

import { UsageError } from '../../core/base/index.ts'
import { parseArn, partitionOfRegion } from '../../core/iam/index.ts'
import { deployReader } from '../../functions/adapters/aws/deploy-tools/index.ts'
import { meter } from '../../functions/adapters/aws/iam/index.ts'
import { SERVICE_ROLE_SESSION } from '../../functions/domain/deploy/index.ts'
import { stackDeploy } from '../../iac/needs/index.ts'
import type { ExplainDeployQuestion } from '../use-cases/explain-deploy/question.ts'
import type { StackRun } from '../use-cases/explain-deploy/run-report.ts'
import type { UseCaseWorld } from '../use-cases/world.ts'
import { requireCredentials, requireProfile } from './aws-credentials.ts'
import { localAccess } from './local-access.ts'

/** Empty: its last operation did not fail. Throws UsageError for a stack that cannot be read. */
export async function readLiveStack(
  stack: string,
  { access, region: wanted }: Pick<ExplainDeployQuestion, 'access' | 'region'>,
  nowMs: number,
  { env }: Pick<UseCaseWorld, 'env'>,
): Promise<readonly StackRun[]> {
  const { profile = null } = access.live ?? {}
  requireProfile(profile, env)
  const region = parseArn(stack)?.region ?? wanted ?? env['AWS_REGION'] ?? env['AWS_DEFAULT_REGION'] ?? null
  if (region === null) throw new UsageError('--stack needs --region, or the Region in the environment')
  const account = localAccess({ ...(profile === null ? {} : { profile }), region })
  await requireCredentials(account.credentials)
  const accountId = await account.accountId(meter(() => {}).ask)
  if (accountId === null) throw new UsageError('AWS does not say which account these credentials are of')
  const reader = deployReader({ access: () => account })
  const at = { accountId, region }
  const [read, template] = [await reader.stack(at, stack, nowMs), await reader.template(at, stack)]
  if (!read.known) throw new UsageError(`stack ${stack}: ${read.why}`)
  const { roleArn, reasons, rootId, course = null } = read.value
  if (reasons.length === 0) return []
  const name = rootId.split('/')[1] ?? rootId
  const partition = partitionOfRegion(region)
  const arn = rootId.startsWith('arn:')
    ? rootId
    : `arn:${partition}:cloudformation:${region}:${accountId}:stack/${name}/`
  const source = template.known ? stackDeploy(arn, template.value) : null
  const why = template.known ? (source?.ok === false ? source.error : null) : template.why
  return [
    {
      ...{ tool: 'cloudformation', name, isStack: true, accountId, region, partition, status: null },
      ...{
        atMs: reasons[0]?.atMs ?? null,
        by: roleArn,
        own: roleArn === null ? [] : [{ roleArn, session: SERVICE_ROLE_SESSION }],
        reasons,
        hasLines: false,
        course,
        deletedRoles: new Map(),
      },
      notes: why === null ? [] : [`the template of ${name} was not read: ${why}`],
      live: source?.ok === true ? source.value : null,
    },
  ]
}
