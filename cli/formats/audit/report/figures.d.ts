export type RowPerson = { readonly id: string; readonly name: string }
export type RowApproval = RowPerson & {
  readonly at: string
  readonly breakGlass: boolean
  /** Null: none was given. */
  readonly reason: string | null
  readonly ticket: string | null
}

/** One case in the form of the downloads. Times are ISO 8601 in UTC. */
export type CaseRow = {
  readonly proposal: string
  readonly event: string
  readonly firstSeen: string
  readonly lastRecord: string
  readonly account: string
  /** Who was denied, as the signed decisions have it. Null: nobody decided. */
  readonly requester: string | null
  readonly requesterKnownBy: string | null
  /** Without the session name. */
  readonly principal: string
  readonly session: string | null
  /** What was proved, then what was claimed. Null: the records name none. */
  readonly run: string | null
  readonly action: string
  readonly role: string
  readonly outcome: string
  readonly approvals: {
    readonly given: number
    /** Null: the records do not contain it. */
    readonly needed: number | null
    readonly by: readonly RowApproval[]
    /** The time of the approval that completed the required number. Null: it is not complete. */
    readonly completed: string | null
  }
  /** What one person approved alone, with a reason. Null: nobody did. */
  readonly breakGlass: null | {
    readonly by: RowPerson
    readonly at: string
    readonly reason: string
    /** `none`: nothing was written. `waiting`: not enough people have answered. */
    readonly ratification: 'none' | 'waiting' | 'ratified' | 'not-ratified'
    /** Null: nobody has ratified it. */
    readonly needed: number | null
    readonly ratifiedBy: readonly (RowPerson & { readonly at: string })[]
    readonly notRatifiedBy: null | (RowPerson & { readonly at: string; readonly reason: string })
  }
  readonly secondsToApprove: number | null
  readonly rejectedBy: readonly RowPerson[]
  /** When IAM was written. Null: never. */
  readonly changed: string | null
  /** Who may do what on which role by the change, a line each. */
  readonly granted: readonly string[]
  /** `shown`: the highest that an approver signed. `atWrite`: as attested. Null: not recorded. */
  readonly risk: { readonly shown: string | null; readonly atWrite: string | null }
  /** Slack ids at the time of the last decision. Null: not recorded. */
  readonly couldHave: null | {
    readonly decided: readonly string[]
    readonly approvedAlone: readonly string[]
    readonly onCall: readonly string[]
  }
  readonly standing: boolean
  /** Null: no use was seen. */
  readonly lastUsed: string | null
  readonly signatures: 'verified' | 'unsigned' | 'forged' | 'not-checked'
  /** When the grant ends by itself. Null: it has no end, or is not in IAM. */
  readonly ends: string | null
  readonly digest: string | null
  readonly slack: string | null
  readonly why: string
}

export type Figures = {
  readonly denials: number
  readonly changed: number
  readonly standing: number
  readonly waiting: number
  readonly reverted: number
  readonly rejected: number
  readonly expired: number
  readonly failed: number
  readonly noHelp: number
  readonly forged: number
  readonly medianSeconds: number | null
  readonly slowestSeconds: number | null
}
export type ApproverFigures = RowPerson & {
  readonly approvals: number
  readonly completed: number
  readonly breakGlass: number
  readonly rejected: number
  readonly medianSeconds: number | null
}
export type AccountFigures = Figures & { readonly account: string; readonly cases: number }

export function figuresOf(rows: readonly CaseRow[]): Figures
export function approversOf(rows: readonly CaseRow[]): readonly ApproverFigures[]
export function accountsOf(rows: readonly CaseRow[]): readonly AccountFigures[]
export function duration(seconds: number | null): string
export function csvOf(rows: readonly CaseRow[]): string
