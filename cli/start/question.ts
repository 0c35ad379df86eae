export type StartQuestion = {
  readonly once: boolean
  /** Event files; the sample events if empty. */
  readonly events: readonly string[]
  readonly accounts: readonly string[]
  readonly org: string | null
  /** Null: the file of the current folder, or else the sample configuration. */
  readonly config: string | null
  /** Null: `.rolemedic`, or with `--once` a temporary folder. */
  readonly state: string | null
  readonly port: number
  /** Slack users who approve, in turn; `--once` only. */
  readonly approveAs: readonly string[]
  readonly revert: boolean
}
