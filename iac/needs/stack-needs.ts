import { fail, ok, type Result } from '../../core/base/index.ts'
import { parseArn, parseRoleArn, partitionOfRegion, roleArn } from '../../core/iam/index.ts'
import { knownText, literalText, type RoleText, UnreadableSource } from '../source/index.ts'
import { NO_OPTIONS, templateNeeds } from './cloudformation/template-needs.ts'
import type { DeployNeeds, Need } from './need.ts'
import type { RoleAssumer, StackTemplate, TemplateNeed } from './template-need.ts'

/** The limit of needs for one failed deploy. The next attempt finds the rest. */
const MAX_NEEDS = 50

export type StackNeeds = { readonly needs: readonly TemplateNeed[]; readonly unnamed: number }

/** The roles that a stack passes, from its processed template. Roles without a known ARN are only counted. */
export function stackNeeds(stackId: string, template: StackTemplate): Result<StackNeeds, string> {
  const read = stackDeploy(stackId, template)
  const arn = parseArn(stackId)
  if (!read.ok || arn === null) return read.ok ? fail(NO_ARN) : read
  const { needs, unnamed } = namedNeeds(read.value, arn.partition, arn.accountId)
  return ok({ needs: needs.map(need => ({ ...need, by: template.roleArn })), unnamed })
}

const NO_ARN = 'the stack has no ARN'

/** All that a stack needs and makes, from its processed template. */
export function stackDeploy(stackId: string, { body, parameters }: StackTemplate): Result<DeployNeeds, string> {
  const arn = parseArn(stackId)
  if (arn === null) return fail(NO_ARN)
  const [, name = ''] = arn.resource.split('/')
  const environment = {
    partition: partitionOfRegion(arn.region),
    accountId: arn.accountId,
    region: arn.region,
    stackName: name,
  }
  const given = new Map(Object.entries(parameters).map(([key, value]) => [key, [literalText(value)]]))
  try {
    return ok(templateNeeds(`stack ${name}`, body, { ...NO_OPTIONS, environment, given, textAt: () => null }))
  } catch (fault) {
    if (!(fault instanceof UnreadableSource)) throw fault
    return fail(`its template cannot be read${fault.line === null ? '' : `: line ${fault.line}`}: ${fault.message}`)
  }
}

type Named = { readonly needs: readonly Omit<TemplateNeed, 'by'>[]; readonly unnamed: number }

function namedNeeds(deploy: DeployNeeds, partition: string, accountId: string): Named {
  const found = deploy.needs.filter(need => !need.implied && !need.conditional)
  const needs = found.flatMap(need => {
    const role = roleOf(need, deploy, partition, accountId)
    return role === null ? [] : [templateNeed(need, role, deploy)]
  })
  return { needs: needs.slice(0, MAX_NEEDS), unnamed: found.length - needs.length }
}

function templateNeed(need: Need, role: string, { made }: DeployNeeds): Omit<TemplateNeed, 'by'> {
  const { action, operation, service, via, where } = need
  const { logicalId, property, line, constructPath } = where
  const isMade = made.some(({ name, path }) => name !== null && role.endsWith(`${path ?? '/'}${name}`))
  const assumers = isMade || !isRole(role) ? [] : assumersOfNeed(need)
  return {
    ...{ action, operation, service, via, role, isMade, place: { logicalId, property, line, constructPath } },
    ...(assumers.length === 0 ? {} : { assumers }),
  }
}

const isRole = (arn: string): boolean =>
  parseRoleArn(arn) !== null && !/:role\/aws-(?:service-role|reserved)\//.test(arn)

/** A service with several names, of which any is enough, is left to preflight. */
function assumersOfNeed({ assumptions }: Need): readonly RoleAssumer[] {
  return (assumptions ?? []).flatMap(one => {
    const [service, ...others] = one.kind === 'service' ? one.names : []
    if (one.kind !== 'service' || service === undefined || others.length > 0 || service.includes('{')) return []
    return one.actions.map(action => ({ action, service, sends: one.sends }))
  })
}

/** The ARN of the role. For an instance profile outside the template, the ARN of the profile: the reader of IAM resolves it. */
function roleOf({ role }: Need, deploy: DeployNeeds, partition: string, accountId: string): string | null {
  if (role.kind === 'role') return exact(role.text, partition, accountId)
  const text = knownText(role.text)
  const made = deploy.profiles.find(
    profile => profile.logicalId === role.text.resource?.logicalId || (text !== null && profile.name === text),
  )
  const [inside] = made?.roles ?? []
  if (inside !== undefined) return exact(inside, partition, accountId)
  if (text === null) return null
  return text.startsWith('arn:') ? text : `arn:${partition}:iam::${accountId}:instance-profile/${text}`
}

function exact(text: RoleText, partition: string, accountId: string): string | null {
  const known = knownText(text)
  if (known === null || /[*?]/.test(known)) return null
  return known.startsWith('arn:') ? known : roleArn(partition, accountId, known)
}
