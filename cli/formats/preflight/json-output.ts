/** A preflight as printed by `rolemedic preflight --json`, with exactly these keys. */
import { serviceSent } from '../../../iac/needs/index.ts'
import type { PreflightOutput } from '../../outputs/preflight.ts'
import type { PreflightReport } from '../../use-cases/preflight/report.ts'
import { patchOutput, verificationOutput } from '../diagnosis/json-output.ts'

export function preflightOutput({
  principal,
  answers,
  changes,
  verification,
  unread,
}: PreflightReport): PreflightOutput {
  return {
    schema: 'rolemedic.preflight/1',
    principal,
    needs: answers.map(({ need, role, by, answer, diagnosis, fix, trust }) => ({
      action: need.action,
      by: by.arn ?? by.name,
      role,
      roleFrom: need.role.text.from,
      service: serviceSent(need),
      operation: need.operation,
      where: {
        file: need.where.file,
        line: need.where.line,
        logicalId: need.where.logicalId,
        property: need.where.property,
        constructPath: need.where.constructPath,
      },
      answer,
      fix,
      trust,
      diagnosis:
        diagnosis === null
          ? null
          : {
              cause: diagnosis.cause,
              verdict: diagnosis.verdict,
              summary: diagnosis.summary,
              unknowns: diagnosis.unknowns.map(({ fact, why }) => ({ fact, why })),
            },
    })),
    patches: changes.map(patchOutput),
    verification: verification === null ? null : verificationOutput(verification),
    refused: answers.flatMap(({ refusal }, need) =>
      refusal === null ? [] : [{ need, code: refusal.code, message: refusal.message, owner: refusal.owner }],
    ),
    ...(unread.length === 0 ? {} : { unread: [...unread] }),
  }
}
