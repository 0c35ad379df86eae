import type { SlackChatOptions } from './chat.ts'

type Limits = Pick<SlackChatOptions, 'timeoutMs' | 'budgetMs' | 'tries' | 'firstWaitMs'>

/** How long a call may take; where a function is not named, as long as any. */
export const SLACK_LIMITS = {
  /** Slack waits 3 s for everything: eligibility that cannot be read in time is refused, with the reason. */
  decide: { timeoutMs: 900, budgetMs: 1_300, tries: 2, firstWaitMs: 100 },
  /** In a storm a card waits for its channel: sooner here than in `sweep`. Two such calls fit into the time of the function. */
  propose: { budgetMs: 60_000 },
  /** The next sweep repeats a call that gets no answer. */
  sweep: { timeoutMs: 4_000, budgetMs: 8_000, tries: 3 },
} as const satisfies { readonly [name: string]: Limits }
