/** https://docs.aws.amazon.com/cdk/v2/guide/bootstrapping-env.html */
import type { NextStep } from '../diagnosis.ts'

export type BootstrapRole = {
  readonly qualifier: string
  /** `deploy`, `file-publishing`, `image-publishing`, `lookup` or `cfn-exec`. */
  readonly kind: string
  readonly accountId: string
  readonly region: string
}

const NAME =
  /^cdk-([a-z0-9]{1,10})-(deploy|file-publishing|image-publishing|lookup|cfn-exec)-role-(\d{12})-([a-z]{2,4}-[a-z-]{2,30}-\d)$/
const DEFAULT_QUALIFIER = 'hnb659fds'

export function parseBootstrapRole(name: string): BootstrapRole | null {
  const match = NAME.exec(name)
  if (match === null) return null
  const [, qualifier = '', kind = '', accountId = '', region = ''] = match
  return { qualifier, kind, accountId, region }
}

/** The other roles that a deploy to this environment assumes. A caller that lacks one often lacks all. */
export function siblingRoles({ qualifier, kind, accountId, region }: BootstrapRole): readonly string[] {
  return ['deploy', 'file-publishing', 'image-publishing', 'lookup']
    .filter(one => one !== kind)
    .map(one => `cdk-${qualifier}-${one}-role-${accountId}-${region}`)
}

export function bootstrapStep({ qualifier, accountId, region }: BootstrapRole): NextStep {
  const where = `aws://${accountId}/${region}`
  const text = `Bootstrap ${where} (qualifier ${qualifier}), or deploy to a bootstrapped environment.`
  return { text, command: bootstrapCommand({ qualifier, where }), owner: `the owner of account ${accountId}` }
}

/** A role that only a text names: its account and Region may be redacted. */
type WrittenBootstrapRole = Pick<BootstrapRole, 'qualifier' | 'kind'> & { readonly where: string }

const WRITTEN = /^cdk-([a-z0-9]{1,10})-(deploy|file-publishing|image-publishing|lookup|cfn-exec)-role-(.{1,80})$/
const REGION_AT_END = /-((?:[a-z]{2}|eusc)(?:-[a-z]{2,10}){1,2}-\d)$/

export function bootstrapRoleIn(name: string | null): WrittenBootstrapRole | null {
  const [, qualifier, kind = '', rest = ''] = WRITTEN.exec(name ?? '') ?? []
  if (qualifier === undefined) return null
  const account = /^\d{12}(?=-)/.exec(rest)?.[0] ?? 'ACCOUNT_ID'
  return { qualifier, kind, where: `aws://${account}/${REGION_AT_END.exec(rest)?.[1] ?? 'REGION'}` }
}

export function bootstrapCommand({ qualifier, where }: Pick<WrittenBootstrapRole, 'qualifier' | 'where'>): string {
  return `npx cdk bootstrap ${where}${qualifier === DEFAULT_QUALIFIER ? '' : ` --qualifier ${qualifier}`}`
}

/** For a role that was not read: STS gives the same answer if it does not exist. `name` is the name of the role. */
export function maybeNotBootstrapped(name: string | null): readonly NextStep[] {
  const role = bootstrapRoleIn(name)
  if (role === null) return []
  const text = `The role exists only in bootstrapped environments: if ${role.where} is not, bootstrap it (qualifier ${role.qualifier}).`
  return [{ text, command: bootstrapCommand(role), owner: null }]
}
