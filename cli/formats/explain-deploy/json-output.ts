/** The answer of `rolemedic explain-deploy --json`, with exactly these keys. */
import type { ExplainDeployOutput } from '../../outputs/explain-deploy.ts'
import { hintOutput } from '../../outputs/hint.ts'
import type { ExplainDeployAnswer } from '../../use-cases/explain-deploy/explain-deploy.ts'
import { patchOutput } from '../diagnosis/json-output.ts'
import { timelineOutput } from '../diagnosis/timeline-output.ts'

export function explainDeployOutput({
  run,
  causes,
  changes,
  otherReason,
  hints,
  drafts,
}: ExplainDeployAnswer): ExplainDeployOutput {
  const { tool, name, accountId, region, status, atMs } = run
  return {
    schema: 'rolemedic.explain-deploy/1',
    deploy: {
      ...{ tool, name, account: accountId, region, status },
      at: atMs === null ? null : new Date(atMs).toISOString(),
    },
    causes: causes.map(({ next, where, ...one }) => ({
      kind: one.kind,
      certainty: one.certainty,
      during: one.during,
      cause: one.cause,
      action: one.action,
      principal: one.principal,
      resource: one.resource,
      layer: one.layer,
      where: { logicalId: where.logicalId, line: where.line },
      answer: one.answer,
      summary: one.summary,
      next: next.map(({ do: what, command, who }) => ({ do: what, command, who })),
      ...(one.timeline == null ? {} : { timeline: timelineOutput(one.timeline) }),
    })),
    patches: changes.map(patchOutput),
    otherReason,
    hints: hints.map(hintOutput),
    ...(drafts.length === 0
      ? {}
      : { drafts: drafts.map(({ principal, reason, snippet }) => ({ principal, reason, snippet })) }),
  }
}
