/** The SNS notice, which is published even if Slack cannot be reached. */

import { asPlainText, neutralText, utc } from '../../../core/base/index.ts'
import { denialTitle } from '../../../core/denial/index.ts'
import { type Run, runLine } from '../../../core/runs/index.ts'
import { cardStateOf } from '../../domain/card/index.ts'
import { type AppliedMode, modeInWords } from '../../domain/config/index.ts'
import type { Notice } from '../../domain/messages/index.ts'
import { freezeRefusal, type Proposal, refusalOf } from '../../domain/proposal/index.ts'

export function noticeOf(proposal: Proposal, mode: AppliedMode): Notice {
  const { denial, diagnosis, patch, verification, repeats, run = null } = proposal
  const refusal = refusalOf(proposal)
  const frozen = freezeRefusal(mode, proposal.createdAtMs)
  const title = asPlainText(denialTitle(denial))
  // A text of a policy with a line break would read as a line of ours.
  const summary = neutralText(diagnosis.summary)
  const owner = refusal?.owner ?? diagnosis.nextSteps.find(step => step.owner !== null)?.owner ?? null
  return {
    subject: title,
    text: [
      title,
      ...(proposal.deploy === null ? [] : [`Broke: ${proposal.deploy.title}`]),
      `${cardStateOf(proposal).state}.`,
      ...(run === null ? [] : runLines(run)),
      `Account ${denial.accountId ?? 'unknown'}, ${denial.region ?? 'Region unknown'}`,
      `Why (${diagnosis.verdict}): ${summary}`,
      refusal !== null
        ? nothingToApprove(neutralText(refusal.message), summary)
        : mode.mode === 'approve'
          ? `A change waits for approval in the chat until ${utc(proposal.expiresAtMs)}.`
          : `A change is recommended in the chat. Nobody can approve it there, as ${modeInWords(mode)}.`,
      ...(refusal !== null || frozen === null ? [] : [frozen.message]),
      ...(owner === null ? [] : [`Ask: ${owner}`]),
      ...diagnosis.nextSteps.map(
        step => `Next: ${neutralText(step.text)}${step.command === null ? '' : ` (${step.command})`}`,
      ),
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
      run,
      expiresAt: new Date(proposal.expiresAtMs).toISOString(),
    },
  }
}

function runLines(run: Run): readonly string[] {
  const line = runLine(run)
  return line === null ? [] : [`Run: ${neutralText(line, MAX_RUN_CHARS)}`, ...(run.url === null ? [] : [run.url])]
}
const MAX_RUN_CHARS = 500

/** Does not repeat the summary of the line before. */
const nothingToApprove = (why: string, summary: string): string =>
  why === summary ? 'Nothing to approve.' : `Nothing to approve: ${why}`
