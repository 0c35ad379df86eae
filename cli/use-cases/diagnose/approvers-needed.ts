/** How many approvers the bot would require, by the rule of its cards, without asking Slack. */

import { known } from '../../../core/base/index.ts'
import { approvalsNeeded } from '../../../functions/domain/proposal/index.ts'
import { type Analysis, requesterOf } from '../../../functions/workflows/index.ts'

/** `note`: why the number does not follow from the risk alone. Null: it does. */
export type ApproversNeeded = { readonly analysis: Analysis; readonly note: string | null }

/** Assumes that the chat knows the e-mail address in the event. Otherwise the card requires two approvers. */
const CHAT_THAT_KNOWS_EVERYBODY = {
  groupMembers: async () => known([]),
  userByEmail: async (address: string) => known(address),
}

export async function approversNeeded(analysis: Analysis): Promise<ApproversNeeded> {
  const { verification } = analysis
  if (verification === null) return { analysis, note: null }
  const requester = await requesterOf(analysis.requester, CHAT_THAT_KNOWS_EVERYBODY)
  const needed = approvalsNeeded(analysis, requester)
  const alone = approvalsNeeded(analysis, { kind: 'machine' })
  return {
    analysis: { ...analysis, verification: { ...verification, approvers: needed } },
    note:
      requester.kind === 'unknown' && needed > alone
        ? `cannot tell who was denied: ${requester.why}`
        : knownRequesterNote(),
  }

  function knownRequesterNote(): string | null {
    return analysis.requester.kind === 'email' && needed < 2
      ? 'two if Slack has no user with the address in the event'
      : null
  }
}
