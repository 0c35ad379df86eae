/** What `start` runs on. */
export type StartQuestion = {
  /** Event files. Empty: the sample events. */
  readonly events: readonly string[]
  /** Outputs of aws iam get-account-authorization-details. Empty: the sample accounts. */
  readonly accounts: readonly string[]
  readonly org: string | null
  /** Null: the file in the current folder, or else the sample configuration. */
  readonly config: string | null
  /** The folder for proposals, audit log and account copies. */
  readonly state: string
}

export type ServeQuestion = StartQuestion & { readonly port: number }

export type OnceQuestion = StartQuestion & {
  /** Slack users who approve, in this order. */
  readonly approveAs: readonly string[]
  readonly revert: boolean
}
