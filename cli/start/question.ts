export type StartQuestion = {
  readonly once: boolean
  /** Event files. Empty: the sample events. */
  readonly events: readonly string[]
  readonly accounts: readonly string[]
  readonly org: string | null
  /** Null: the file in the current folder, or else the sample configuration. */
  readonly config: string | null
  /** Null: `.rolemedic`, or with `--once` a temporary folder. */
  readonly state: string | null
  readonly port: number
  /** Slack users who approve, in this order. Only with `--once`. */
  readonly approveAs: readonly string[]
  readonly revert: boolean
}
