/** How many approvers the bot would need, by the rule for its cards, but without Slack to look people up. */

import { known } from '../../functions/domain/base/fact.ts'
import type { Config } from '../../functions/domain/config/config.ts'
import { approvalsNeeded } from '../../functions/domain/proposal/approval-policy.ts'
import { requesterOf } from '../../functions/workflows/approval/requester-identity.ts'
import type { Analysis } from '../../functions/workflows/denial/analyze-denial.ts'

/** `note`: why the number does not follow from the risk alone; null if it does. */
export type ApproversNeeded = { readonly analysis: Analysis; readonly note: string | null }

/** Assumes that Slack knows the e-mail address in the event. If it does not, the card needs two approvers. */
const CHAT_THAT_KNOWS_EVERYBODY = {
  groupMembers: async () => known([]),
  userByEmail: async (address: string) => known(address),
}

export async function approversNeeded(analysis: Analysis, config: Config): Promise<ApproversNeeded> {
  const { denial, verification } = analysis
  if (verification === null) return { analysis, note: null }
  const requester = await requesterOf(denial, CHAT_THAT_KNOWS_EVERYBODY, config.machineUsers)
  const needed = approvalsNeeded(analysis, requester)
  const alone = approvalsNeeded(analysis, { kind: 'machine' })
  return {
    analysis: { ...analysis, verification: { ...verification, approvers: needed } },
    note:
      requester.kind === 'unknown' && needed > alone
        ? unknownRequesterNote(requester.why, denial.principal.kind === 'user')
        : knownRequesterNote(),
  }

  function knownRequesterNote(): string | null {
    return requester.kind === 'person' && needed < 2 ? 'two if Slack has no user with the address in the event' : null
  }
}

function unknownRequesterNote(why: string, isUser: boolean): string {
  const remedy = isUser ? '; list users of machines in machineUsers in the configuration' : ''
  return `cannot tell who was denied: ${why}${remedy}`
}
