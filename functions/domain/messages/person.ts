/** A Slack user as the click named them. */
export type Person = { readonly id: string; readonly name: string }
