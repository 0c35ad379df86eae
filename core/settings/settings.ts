/** What diagnosis, drafting and guardrails read of the configuration. `Config` of the bot has all of these. */

/** Roles that may be granted together, by one ARN that may end in `*`. */
export type ApprovedRoleSet = {
  readonly name: string
  /** A role ARN, with at most one `*` and that at its end. */
  readonly pattern: string
  readonly services: readonly string[]
}

export type Settings = {
  /** Globs of the names of roles that administer accounts. */
  readonly administratorRoles: readonly string[]
  readonly approvedRoleSets: readonly ApprovedRoleSet[]
  /** The IAM path of the approvers' own roles and users. */
  readonly approversPath: string | null
  /** Actions that no patch may allow; `*` matches any text. */
  readonly forbiddenActions: readonly string[]
  readonly grantGetRole: boolean
  readonly maxChangesPerPrincipalPerDay: number
  /** Account ids of the organization, where it cannot be read. */
  readonly organizationAccounts: readonly string[]
  /** Whether a likely cause may have a patch. */
  readonly patchLikely: boolean
  /** Globs over whole ARNs that nothing may change, pass or assume. */
  readonly protected: readonly string[]
  /** How long the bot waits for the denials of one deploy. */
  readonly settleSeconds: number
}

/** What holds where a configuration says nothing. */
export const DEFAULT_SETTINGS: Settings = {
  administratorRoles: [
    'cdk-*-cfn-exec-role-*',
    // https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/stacksets-prereqs-self-managed.html
    'AWSCloudFormationStackSet*',
    // https://docs.aws.amazon.com/controltower/latest/userguide/roles-how.html
    'AWSControlTower*',
    // https://docs.aws.amazon.com/controltower/latest/userguide/aft-required-roles.html
    'AWSAFT*',
    'OrganizationAccountAccessRole',
    'stacksets-exec-*',
    'AWSServiceRoleFor*',
    'AWSReservedSSO_*',
  ],
  approvedRoleSets: [],
  approversPath: null,
  forbiddenActions: [],
  grantGetRole: false,
  maxChangesPerPrincipalPerDay: 10,
  organizationAccounts: [],
  patchLikely: false,
  protected: [],
  settleSeconds: 60,
}
