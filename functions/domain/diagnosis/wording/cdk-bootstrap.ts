/** https://docs.aws.amazon.com/cdk/v2/guide/bootstrapping-env.html */
import { parseRoleArn } from '../../iam/arn.ts'
import type { NextStep } from '../diagnosis.ts'

export type BootstrapRole = {
  readonly qualifier: string
  /** `deploy`, `file-publishing`, `image-publishing`, `lookup` or `cfn-exec`. */
  readonly kind: string
  readonly accountId: string
  readonly region: string
}

const NAME =
  /^cdk-([a-z0-9]{1,10})-(deploy|file-publishing|image-publishing|lookup|cfn-exec)-role-(\d{12})-([a-z]{2}(?:-[a-z]+)+-\d)$/
const DEFAULT_QUALIFIER = 'hnb659fds'

export function parseBootstrapRole(name: string): BootstrapRole | null {
  const match = NAME.exec(name)
  if (match === null) return null
  const [, qualifier = '', kind = '', accountId = '', region = ''] = match
  return { qualifier, kind, accountId, region }
}

/** The other roles that a deploy of this environment assumes: a caller that lacks one often lacks them all. */
export function siblingRoles({ qualifier, kind, accountId, region }: BootstrapRole): readonly string[] {
  return ['deploy', 'file-publishing', 'image-publishing', 'lookup']
    .filter(one => one !== kind)
    .map(one => `cdk-${qualifier}-${one}-role-${accountId}-${region}`)
}

export function bootstrapCommand({ qualifier, accountId, region }: BootstrapRole): string {
  const option = qualifier === DEFAULT_QUALIFIER ? '' : ` --qualifier ${qualifier}`
  return `npx cdk bootstrap aws://${accountId}/${region}${option}`
}

export function bootstrapStep(role: BootstrapRole): NextStep {
  const text = `Bootstrap aws://${role.accountId}/${role.region} (qualifier ${role.qualifier}), or deploy to an environment that is.`
  return { text, command: bootstrapCommand(role), owner: `the owner of account ${role.accountId}` }
}

/** For a role that was not read: STS answers the same for one that does not exist. */
export function maybeNotBootstrapped(arn: string | null): readonly NextStep[] {
  const role = arn === null ? null : parseBootstrapRole(parseRoleArn(arn)?.name ?? '')
  if (role === null) return []
  const where = `aws://${role.accountId}/${role.region}`
  const text = `The role exists only where the CDK was bootstrapped: if ${where} was not, bootstrap it (qualifier ${role.qualifier}).`
  return [{ text, command: bootstrapCommand(role), owner: null }]
}
