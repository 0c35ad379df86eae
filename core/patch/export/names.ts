/** Identifiers for a change in generated code, and the comment above it. */
import { ownedByName, ownedTrust } from '../../diagnosis/index.ts'
import { parseArn } from '../../iam/index.ts'
import type { PolicyChange, Target } from '../patch.ts'

/** `orders-task` → `orders_task`; never empty, never starts with a digit. */
export function snakeName(name: string): string {
  const words = name.replace(/[^A-Za-z0-9]+/g, '_').replace(/^_+|_+$/g, '')
  return /^[A-Za-z]/.test(words) ? words.toLowerCase() : `r_${words.toLowerCase()}`
}

/** `orders-task` → `OrdersTask`. */
export function pascalName(name: string): string {
  const words = name.split(/[^A-Za-z0-9]+/).filter(word => word !== '')
  const joined = words.map(word => `${word.charAt(0).toUpperCase()}${word.slice(1)}`).join('')
  return /^[A-Za-z]/.test(joined) ? joined : `R${joined}`
}

/** The parts of a change that become code. */
export type ExportedChange = Pick<PolicyChange, 'target' | 'before' | 'after'>

/** One comment line. Removes line breaks, because names are outside text. */
export function changeComment({ target }: Pick<PolicyChange, 'target'>): string {
  const account = target.accountId === '' ? 'the account of the caller' : `account ${target.accountId}`
  const step = toolStep(target)
  return [
    `${targetName(target)} in ${account}.`,
    ...(step === null ? [] : [step.text, ...(step.command === null ? [] : [`Run: ${step.command}`])]),
  ]
    .join(' ')
    .replace(/\s+/g, ' ')
}

/** How the tool that owns the role makes the change, which would be drift if it was made by hand. Null: no tool is known to. */
export function toolStep({ kind, name }: Pick<Target, 'kind' | 'name'>): ReturnType<typeof ownedTrust> {
  if (kind === 'role-inline-policy') return ownedByName(name, 'what follows')?.step ?? null
  return kind === 'role-trust-policy' ? ownedTrust(name) : null
}

/** The comment above one more statement of a trust policy. `where`: what the format calls that policy. */
export function trustComment(role: string | null, where: string): string {
  return `One more statement for ${where} of ${role === null ? 'the role' : `role ${role}`}.`.replace(/\s+/g, ' ')
}

function targetName({ kind, name, policyName }: Target): string {
  switch (kind) {
    case 'role-inline-policy':
      return `Inline policy ${policyName} of role ${name}`
    case 'user-inline-policy':
      return `Inline policy ${policyName} of user ${name}`
    case 'managed-policy':
      return `Managed policy ${name}`
    case 'role-trust-policy':
      return `Trust policy of role ${name}`
    case 'permission-set-inline-policy':
      return `Inline policy of permission set ${name}`
  }
}

/** The path of a role, user or managed policy, from its ARN. */
export function iamPathOf(target: Target): string {
  const match = /^[a-z-]+(\/(?:.+\/)?)[^/]+$/.exec(parseArn(target.arn)?.resource ?? '')
  return match?.[1] ?? '/'
}
