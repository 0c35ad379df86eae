/** What SNS tells: sent whether or not Slack can be reached. */

import type { Notice } from '../domain/base/notice.ts'
import { asPlainText, utc } from '../domain/base/rich-text.ts'
import { headline } from '../domain/card/headline.ts'
import type { Proposal } from '../domain/proposal/proposal.ts'

export function noticeOf(proposal: Proposal): Notice {
  const { denial, diagnosis, patch, refusal, verification, repeats } = proposal
  const title = asPlainText(headline({ ...proposal, status: 'open' }).text)
  const owner = refusal?.owner ?? diagnosis.nextSteps.find(step => step.owner !== null)?.owner ?? null
  return {
    subject: title,
    text: [
      title,
      `Account ${denial.accountId ?? 'unknown'}, ${denial.region ?? 'Region unknown'}`,
      `Why (${diagnosis.verdict}): ${diagnosis.summary}`,
      patch === null
        ? nothingToApprove(refusal, diagnosis.summary)
        : `A change waits for approval in Slack until ${utc(proposal.expiresAtMs)}.`,
      ...(owner === null ? [] : [`Ask: ${owner}`]),
      ...diagnosis.nextSteps.map(step => `Next: ${step.text}${step.command === null ? '' : ` (${step.command})`}`),
      `Proposal ${proposal.id}`,
    ].join('\n'),
    detail: {
      schema: 'rolemedic.notice/1',
      kind: patch === null ? 'refused' : 'proposed',
      proposalId: proposal.id,
      fingerprint: proposal.fingerprint,
      accountId: denial.accountId,
      region: denial.region,
      action: denial.action,
      principal: denial.principal.arn,
      resource: denial.resource,
      eventId: denial.id,
      verdict: diagnosis.verdict,
      cause: diagnosis.cause,
      summary: diagnosis.summary,
      risk: verification?.risk ?? null,
      digest: patch?.digest ?? null,
      refusal,
      count: repeats.count,
      expiresAt: new Date(proposal.expiresAtMs).toISOString(),
    },
  }
}

/** The summary stands in the line before. */
const nothingToApprove = (refusal: Proposal['refusal'], summary: string): string =>
  refusal === null || refusal.message === summary ? 'Nothing to approve.' : `Nothing to approve: ${refusal.message}`
