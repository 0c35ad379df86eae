/**
 * A passed role that does not exist when the policies are read. The caller lacks the permission anyway, but a grant on a name
 * that nobody holds fixes nothing: the next deploy may make a role of another name.
 */
import { descriptorOf } from '../../actions/index.ts'
import { utcSecond } from '../../base/index.ts'
import { entityName, itemOf, parseRoleArn } from '../../iam/index.ts'
import type { Diagnosis, NextStep } from '../diagnosis.ts'
import { advice } from '../diagnosis-builder.ts'
import type { DiagnosisContext } from '../diagnosis-context.ts'
import { isGeneratedName } from '../wording/generated-name.ts'
import { knownOrigin } from './role-not-found.ts'

/** Marks a gap on a role that is absent: it has no patch. */
export function withGoneRole(context: DiagnosisContext, diagnosis: Diagnosis): Diagnosis {
  const role = goneRole(context, diagnosis)
  if (role === null) return diagnosis
  const { why, steps } = knownOrigin(role, [])
  return {
    ...diagnosis,
    summary: `${diagnosis.summary.replace(/\.$/, '')}. ${sentence(context, role)}${why}.`,
    // A drafted follow-up on its trust policy has no role either.
    nextSteps: [...steps, ...fixName(context, role), ...diagnosis.nextSteps],
    roleGone: role,
  }
}

function goneRole({ denial, snapshot }: DiagnosisContext, { gaps }: Diagnosis): string | null {
  if (!descriptorOf(denial.action).passesRoles) return null
  const roles = gaps.flatMap(gap =>
    gap.kind === 'identity' ? gap.roles : gap.kind === 'identity-condition' ? [''] : [],
  )
  const named = roles.map(role => (role === '' ? (denial.resource ?? denial.passes[0]?.arn ?? '') : role))
  return named.find(role => itemOf(snapshot.targets, role)?.role.kind === 'absent') ?? null
}

function sentence({ life, denial }: DiagnosisContext, role: string): string {
  const name = entityName(role)
  const { deletedAtMs, byRollback } = life
  if (deletedAtMs !== null) {
    const by = byRollback ? `the rollback${denial.stack === undefined ? '' : ` of stack ${denial.stack}`}` : null
    return `Role ${name} is gone: ${by === null ? 'it was deleted' : `${by} deleted it`} at ${utcSecond(deletedAtMs)}`
  }
  return `Role ${name} does not exist now, which is no cause of the denial (AWS judges the caller before it looks the role up)`
}

function fixName({ denial, config, passedService }: DiagnosisContext, role: string): readonly NextStep[] {
  const named = parseRoleArn(role)
  if (named === null) return []
  const who = 'who writes the code'
  const receivers = passedService?.services ?? []
  const sets = config.approvedRoleSets
    .filter(
      ({ services, pattern }) =>
        pattern.includes(`:${named.accountId}:`) && receivers.every(one => services.includes(one)),
    )
    .map(({ name, pattern }) => `${name} (${pattern})`)
  const path = named.path === '/' ? 'a path of its own, such as /app/,' : `the path ${named.path}`
  const set =
    sets.length === 0
      ? advice(
          `Add a set to approvedRoleSets in the configuration for the roles that the deploy makes, such as arn:${named.partition}:iam::${named.accountId}:role${named.path === '/' ? '/app/' : named.path}*: a patch can then name the next role.`,
        )
      : advice(
          `Put the role where an approved set of the configuration has it: ${sets.slice(0, 3).join(', ')}.`,
          null,
          who,
        )
  if (!isGeneratedName(role, denial.stack ?? null))
    return [
      advice(
        `Correct the name, or create ${named.name} first, or in the deploy under this fixed name (RoleName).`,
        null,
        who,
      ),
    ]
  return [
    advice(
      `The name ${named.name} was generated, and the next deploy makes another: set RoleName${logicalIdIn(named.name, denial.stack)} (Terraform: name instead of name_prefix), or put the role under ${path} that an allow can name.`,
      null,
      who,
    ),
    set,
  ]
}

/** CloudFormation names a role after the stack and the resource: ` of WorkerRole`. Empty: not known. */
function logicalIdIn(name: string, stack: string | undefined): string {
  if (stack === undefined || !name.startsWith(`${stack}-`)) return ''
  const id = name.slice(stack.length + 1).replace(/-[^-]*$/, '')
  return id === '' ? '' : ` of ${id}`
}
