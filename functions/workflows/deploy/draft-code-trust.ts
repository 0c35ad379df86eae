/** The trust that code has to write: of the roles that a deploy makes, those whose document keeps a service out. */

import type { PolicyChange } from '../../../core/patch/index.ts'
import type { DeployNeeds, MadeRole } from '../../../iac/needs/index.ts'
import { analyze } from '../denial/analyze-denial.ts'
import { answerToAssumption, assumptionQuestions, assumptionTarget } from './analyze-assumptions.ts'
import type { NeedOptions } from './analyze-needs.ts'
import { withMade } from './deploy-snapshot.ts'
import { needQuestion } from './need-question.ts'

export type CodeTrust = {
  /** In this order: a later change of a role begins where an earlier one ends. */
  readonly changes: readonly PolicyChange[]
  /** The roles by the ARN of their change. A role without a fixed name has its logical id as its name there. */
  readonly made: ReadonlyMap<string, MadeRole>
  /** Why nothing is offered for a role. */
  readonly refused: readonly string[]
}

export async function draftCodeTrust(deploy: DeployNeeds, options: NeedOptions): Promise<CodeTrust> {
  const { partition, principals } = options
  const reader = withMade(options.reader, { partition, roles: deploy.made, profiles: deploy.profiles })
  const own = { ...options, reader }
  const changes: PolicyChange[] = []
  const made = new Map<string, MadeRole>()
  const refused: string[] = []
  for (const need of deploy.needs) {
    const question = await needQuestion(need, { deploy, principals, partition, reader })
    for (const asked of assumptionQuestions(question, deploy)) {
      if (asked.made === null) continue
      const { answer, denial, isDeniedElsewhere } = await answerToAssumption(asked, own)
      const target = answer === 'denied' && isDeniedElsewhere !== true ? assumptionTarget(asked, own) : null
      if (denial === null || target === null) continue
      const { verified, refusal, diagnosis } = await analyze(denial, {
        ...{ ...own, reader: target.reader, asked: true, granted: changes },
      })
      made.set(target.arn, asked.made)
      if (verified !== null) changes.push(...verified.patch.changes)
      else if (diagnosis.cause !== 'already-allowed')
        refused.push(`${asked.made.logicalId}: ${refusal?.message ?? diagnosis.summary}`)
    }
  }
  return { changes, made, refused }
}
