/** The roles that a failed stack passes, from its template: what the next attempt would be denied. */
import { requestKeyOf } from '../../core/denial/index.ts'
import { partitionOfRegion } from '../../core/iam/index.ts'
import { type DeployTemplate, mayEnter } from '../domain/deploy/index.ts'
import type { DeployReader } from '../ports/deploy-reader.ts'
import type { Observer } from '../ports/observer.ts'
import type { Investigation } from './investigate-deploy.ts'

export type ReadTemplateDeps = { readonly reader: Pick<DeployReader, 'template'>; readonly observer: Observer }

/** A pipeline deploys only a few stacks at a time. */
const MAX_STACKS = 3

/** Null: the deploy names no stack. */
export async function readDeployTemplate(
  { deploy, stackIds, reported, actors }: Investigation,
  { reader, observer }: ReadTemplateDeps,
): Promise<DeployTemplate | null> {
  if (stackIds.length === 0) return null
  // The tables and the template parser load only for a deploy that a denial broke.
  const { stackNeeds } = await import('../../iac/needs/stack-needs.ts')
  const whys: string[] = []
  const needs: Extract<DeployTemplate, { kind: 'read' }>['needs'][number][] = []
  let unnamed = 0
  for (const stackId of stackIds.slice(0, MAX_STACKS)) {
    const template = await reader.template(deploy, stackId)
    const read = template.known
      ? stackNeeds(stackArn(stackId, deploy), template.value)
      : { ok: false as const, error: template.why }
    if (read.ok) {
      needs.push(...read.value.needs)
      unnamed += read.value.unnamed
    } else whys.push(read.error)
  }
  const [why] = whys
  if (why !== undefined) observer.log('warn', 'template_unread', { stack: stackIds[0] ?? '', why })
  if (needs.length === 0 && why !== undefined) return { kind: 'unread', why }
  const trusted = reported.filter(one => mayEnter(one, deploy, actors))
  return {
    kind: 'read',
    needs,
    unnamed,
    reported: trusted.map(({ denial, reason }) => ({ request: requestKeyOf(denial), resource: reason.resource })),
  }
}

/** A build names only the stack, so the ARN is completed. */
export const stackArn = (stack: string, { accountId, region }: Investigation['deploy']): string =>
  stack.startsWith('arn:')
    ? stack
    : `arn:${partitionOfRegion(region)}:cloudformation:${region}:${accountId}:stack/${stack}/`
