/**
 * A role as a text names it, perhaps with a redacted account, and commands that show it. Commands contain only names that are
 * safe in a shell.
 */
import { type Denial, isHiddenName, type Principal } from '../../denial/index.ts'
import { parseArn } from '../../iam/index.ts'

export type WrittenRole = {
  readonly partition: string
  /** Twelve digits, or the text in their place. */
  readonly account: string
  readonly name: string
}

/** Null: the ARN is not that of a role. */
export function writtenRole(text: string | null): WrittenRole | null {
  const arn = parseArn(text ?? '')
  if (arn === null || arn.service !== 'iam' || !arn.resource.startsWith('role/')) return null
  return { partition: arn.partition, account: arn.accountId, name: lastOf(arn.resource) }
}

/** The role behind the caller's session. */
export function writtenCaller({ arn: text }: Principal): WrittenRole | null {
  const arn = parseArn(text ?? '')
  const [kind, name = ''] = arn?.resource.split('/') ?? []
  if (arn?.service !== 'sts' || kind !== 'assumed-role') return writtenRole(text)
  return name === '' ? null : { partition: arn.partition, account: arn.accountId, name }
}

const lastOf = (path: string): string => path.slice(path.lastIndexOf('/') + 1)

/** Role names whose characters have no meaning in a shell. */
const TYPEABLE = /^[\w+=,.@][\w+=,.@-]{0,63}$/

export const typeable = (name: string | null | undefined): string | null =>
  name !== null && name !== undefined && TYPEABLE.test(name) && !isHiddenName(name) ? name : null

/** `role admin`, or a phrase for a role without a name. */
export function called(resource: string | null): string {
  const name = writtenRole(resource)?.name ?? null
  return name === null ? (resource ?? 'the role') : `role ${name}`
}

export const isAccount = (text: string): boolean => /^\d{12}$/.test(text)

/** `--role-name` with the role's name or a placeholder. */
const named = (resource: string | null, name: string | null = null): string =>
  `--role-name ${name ?? typeable(writtenRole(resource)?.name) ?? 'ROLE_NAME'}`

/** The role that a text names without an ARN. */
export const nameAlone = ({ resource, unread }: Pick<Denial, 'resource' | 'unread'>): string | null =>
  resource === null && unread?.kind === 'not-named' ? typeable(unread.text) : null

/** As `called`, also for a role whose name stands without an ARN. */
export function roleCalled(denial: Pick<Denial, 'resource' | 'unread'>): string {
  const name = nameAlone(denial)
  return name === null ? called(denial.resource) : `role ${name}`
}

export const showRole = (resource: string | null): string => `aws iam get-role ${named(resource)}`

/** `name`: of a role that the text names without an ARN. */
export const showTrust = (resource: string | null, name: string | null = null): string =>
  `aws iam get-role ${named(resource, name)} --query Role.AssumeRolePolicyDocument`

/** In which account to run the command about the role. */
export function inAccount(resource: string | null): string {
  const account = writtenRole(resource)?.account ?? ''
  return isAccount(account) ? ` (in account ${account})` : ''
}

/** Placeholder words that people write instead of names. Two different roles may have the same placeholder. */
const FILLERS = new Set(
  'a an the my your our some iam aws role rolename name arn example sample redacted removed hidden masked placeholder target source caller account id here to be assumed'.split(
    ' ',
  ),
)

/** True for texts such as `xxxx` and `1111`. */
const isMask = (word: string): boolean => /^[xX\d]/.test(word) && new Set(word).size === 1

/** False for a placeholder: equal placeholders may be different roles. */
export function isDistinctive(name: string): boolean {
  const words = name.split(/[^A-Za-z0-9]+/).filter(word => word !== '' && !isMask(word))
  return words.some(word => word.length > 1 && !FILLERS.has(word.toLowerCase()) && !/^[xX]{2,}/.test(word))
}
