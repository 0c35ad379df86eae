import { NO_OPTIONS, templateNeeds } from '../../../iac/needs/cloudformation/template-needs.ts'
import type { DeployNeeds, Need } from '../../../iac/needs/need.ts'
import { type PlanPiece, planReader } from '../../../iac/needs/terraform/terraform-plan.ts'
import { patternOf } from '../../../iac/source/role-text.ts'

export const ENVIRONMENT = { partition: 'aws', accountId: '111122223333', region: 'eu-west-1', stackName: null }

export function needsIn(text: string, files: Readonly<Record<string, string>> = {}): DeployNeeds {
  const textAt = (path: string) => files[path] ?? null
  return templateNeeds('template.yaml', text, { ...NO_OPTIONS, environment: ENVIRONMENT, textAt })
}

/** Needs as lines: `Fn.Role line 12 lambda:CreateFunction arn:… (literal)`. Implied service-linked roles are left out. */
export const linesOf = ({ needs }: DeployNeeds): readonly string[] => needs.filter(need => !need.implied).map(lineOf)

export function lineOf({ where, operation, role }: Need): string {
  const line = where.line === null ? '' : ` line ${where.line}`
  return `${where.logicalId}.${where.property}${line} ${operation} ${patternOf(role.text)} (${role.text.from})`
}

export function planNeeds(pieces: readonly PlanPiece[]): DeployNeeds {
  const reader = planReader('plan.json', ENVIRONMENT)
  reader.take({ kind: 'format-version', value: '1.2' })
  for (const piece of pieces) reader.take(piece)
  return reader.finish()
}
