/** `--live --stack`: the last operation and the template of a stack. */

import { UsageError } from '../../core/base/index.ts'
import { partitionOfRegion } from '../../core/iam/index.ts'
import { SERVICE_ROLE_SESSION } from '../../functions/domain/deploy/index.ts'
import { stackDeploy } from '../../iac/needs/index.ts'
import type { StackRun } from '../use-cases/explain-deploy/run-report.ts'
import type { LiveTools } from './live-run.ts'

/** Empty: its last operation did not fail. Throws UsageError for a stack that cannot be read. */
export async function readLiveStack(
  stack: string,
  { place, reader }: Pick<LiveTools, 'place' | 'reader'>,
  nowMs: number,
): Promise<readonly StackRun[]> {
  const { accountId, region } = place
  const [read, template] = [await reader.stack(place, stack, nowMs), await reader.template(place, stack)]
  if (!read.known) throw new UsageError(`stack ${stack}: ${read.why}`)
  const { roleArn, reasons, rootId, course = null, status = null, deletedRoles = new Map() } = read.value
  // What was cancelled is rolled back without a reason.
  if (reasons.length === 0 && course?.kind !== 'rolled-back') return []
  const name = (rootId.startsWith('arn:') ? rootId.split('/')[1] : null) ?? rootId
  const partition = partitionOfRegion(region)
  const arn = rootId.startsWith('arn:')
    ? rootId
    : `arn:${partition}:cloudformation:${region}:${accountId}:stack/${name}/`
  const source = template.known ? stackDeploy(arn, template.value) : null
  const why = template.known ? (source?.ok === false ? source.error : null) : template.why
  return [
    {
      ...{ tool: 'cloudformation', name, isStack: true, accountId, region, partition, status },
      ...{
        atMs: reasons[0]?.atMs ?? null,
        by: roleArn,
        own: roleArn === null ? [] : [{ roleArn, session: SERVICE_ROLE_SESSION }],
        reasons,
        hasLines: false,
        ...{ course, deletedRoles },
      },
      notes: why === null ? [] : [`the template of ${name} was not read: ${why}`],
      live: source?.ok === true ? source.value : null,
    },
  ]
}
