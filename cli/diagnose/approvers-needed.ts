/** How many people the bot would ask, by the rule of its cards, where no chat can be asked who somebody is. */

import { known } from '../../functions/domain/base/fact.ts'
import type { Config } from '../../functions/domain/config/config.ts'
import { approvalsNeeded } from '../../functions/domain/proposal/approval-policy.ts'
import { deniedHumanOf } from '../../functions/workflows/approval/requester-identity.ts'
import type { Analysis } from '../../functions/workflows/denial/analyze-denial.ts'

/** `note`: why it is not the risk alone that says how many; null where it is. */
export type WithApprovals = { readonly examination: Analysis; readonly note: string | null }

/** An address in the event is taken for one that the chat knows: if it does not, the card asks for two. */
const CHAT_THAT_KNOWS_ALL = {
  groupMembers: async () => known([]),
  userByEmail: async (address: string) => known(address),
}

export async function withApprovals(examination: Analysis, config: Config): Promise<WithApprovals> {
  const { denial, verification } = examination
  if (verification === null) return { examination, note: null }
  const human = await deniedHumanOf(denial, CHAT_THAT_KNOWS_ALL, config.machineUsers)
  const needed = approvalsNeeded(examination, human)
  const alone = approvalsNeeded(examination, { kind: 'nobody' })
  return {
    examination: { ...examination, verification: { ...verification, approvers: needed } },
    note: human.kind === 'unknown' && needed > alone ? unseen(human.why, denial.principal.kind === 'user') : personal(),
  }

  function personal(): string | null {
    return human.kind === 'person' && needed < 2 ? 'two if Slack knows nobody by the address in the event' : null
  }
}

function unseen(why: string, isUser: boolean): string {
  const remedy = isUser ? '; machineUsers in the configuration names the users of machines' : ''
  return `it cannot be seen who was denied, as ${why}${remedy}`
}
