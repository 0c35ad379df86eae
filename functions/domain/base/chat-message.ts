/** A Slack message: Block Kit JSON and the plain-text fallback. */
export type ChatMessage = { readonly text: string; readonly blocks: readonly object[] }
