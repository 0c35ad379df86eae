/**
 * Amazon Resource Names, for every partition.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html
 */
import { perText } from '../base/index.ts'

export type Arn = {
  readonly text: string
  readonly partition: string
  readonly service: string
  readonly region: string
  readonly accountId: string
  readonly resource: string
}

/** An IAM role or user: `path` starts and ends with `/`. */
export type EntityArn = {
  readonly text: string
  readonly partition: string
  readonly accountId: string
  readonly kind: 'role' | 'user'
  readonly path: string
  readonly name: string
}

/** A role session ARN. It has the role's name without its path. */
export type SessionArn = {
  readonly text: string
  readonly partition: string
  readonly accountId: string
  readonly roleName: string
  readonly sessionName: string
}

/** Template texts may have a CloudFormation pseudo parameter in place of the account. */
const ARN = /^arn:(aws[a-z-]*):([a-z0-9-]+):([a-z0-9-]*):(\$\{AWS::[A-Za-z]{1,40}\}|[^:]*):(.+)$/s
const ENTITY = /^(role|user)(\/(?:.+\/)?)([^/]+)$/s
const ACCOUNT = /^(\d{12})?$/

export const parseArn: (text: string) => Arn | null = perText(text => {
  const match = ARN.exec(text)
  if (match === null) return null
  const [, partition = '', service = '', region = '', accountId = '', resource = ''] = match
  return { text, partition, service, region, accountId, resource }
})

export const parseEntityArn: (text: string) => EntityArn | null = perText(text => {
  const arn = parseArn(text)
  if (arn === null || arn.service !== 'iam' || !ACCOUNT.test(arn.accountId)) return null
  const match = ENTITY.exec(arn.resource)
  if (match === null) return null
  const [, kind, path = '/', name = ''] = match
  return {
    text,
    partition: arn.partition,
    accountId: arn.accountId,
    kind: kind === 'role' ? 'role' : 'user',
    path,
    name,
  }
})

export function parseRoleArn(text: string): EntityArn | null {
  const arn = parseEntityArn(text)
  return arn?.kind === 'role' ? arn : null
}

export const parseSessionArn: (text: string) => SessionArn | null = perText(text => {
  const arn = parseArn(text)
  if (arn === null || arn.service !== 'sts') return null
  const match = /^assumed-role\/([^/]+)\/(.+)$/s.exec(arn.resource)
  if (match === null) return null
  const [, roleName = '', sessionName = ''] = match
  return { text, partition: arn.partition, accountId: arn.accountId, roleName, sessionName }
})

export function roleArn(partition: string, accountId: string, name: string, path = '/'): string {
  return `arn:${partition}:iam::${accountId}:role${path}${name}`
}

/** The name of a role or a user; the whole text for anything else. */
export const entityName = (arn: string): string => parseEntityArn(arn)?.name ?? arn

/** The name under its path where that is not `/`: `/app/orders-task`. Roles in different paths can have similar names. */
export function nameWithPath(arn: string): string {
  const entity = parseEntityArn(arn)
  if (entity === null) return arn
  return entity.path === '/' ? entity.name : `${entity.path}${entity.name}`
}

/**
 * The service of a service-linked role, from its path `/aws-service-role/<service>/`. Accepts ARNs with a masked account. Null
 * for any other role.
 */
export function serviceOfLinkedRole(arn: string | null): string | null {
  return (
    /:role\/aws-service-role\/([a-z0-9.-]{2,80}\.amazonaws\.com(?:\.cn)?)\/[^/]{1,80}$/.exec(arn ?? '')?.[1] ?? null
  )
}

/** The partition of a Region. Regions without a known prefix belong to `aws`. */
export function partitionOfRegion(region: string): string {
  if (region.startsWith('cn-')) return 'aws-cn'
  if (region.startsWith('us-gov-')) return 'aws-us-gov'
  if (region.startsWith('eusc-')) return 'aws-eusc'
  const isolated = /^[a-z]{2}-iso([a-z]?)-/.exec(region)?.[1]
  if (isolated === undefined) return 'aws'
  return isolated === '' ? 'aws-iso' : `aws-iso-${isolated}`
}

/** Null for what is no account id. */
export function accountIdIn(text: string | null): string | null {
  return text !== null && /^\d{12}$/.test(text) ? text : null
}
