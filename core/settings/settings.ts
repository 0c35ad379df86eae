/** The part of the configuration that diagnosis, drafting and guardrails read. The bot's `Config` extends it. */

/** Roles that one patch may grant together, by one ARN that may end in `*`. */
export type ApprovedRoleSet = {
  readonly name: string
  /** A role ARN with at most one `*`, at its end. */
  readonly pattern: string
  readonly services: readonly string[]
}

export type Settings = {
  /** Globs of role names that administer accounts. */
  readonly administratorRoles: readonly string[]
  readonly approvedRoleSets: readonly ApprovedRoleSet[]
  /** The IAM path of the roles and users of approvers. */
  readonly approversPath: string | null
  /** Actions that no patch may allow; `*` matches any text. */
  readonly forbiddenActions: readonly string[]
  readonly grantGetRole: boolean
  readonly maxChangesPerPrincipalPerDay: number
  /** Account ids of the organization, for a bot that cannot read the organization. */
  readonly organizationAccounts: readonly string[]
  /** Whether a cause with the verdict `likely` may have a patch. */
  readonly patchLikely: boolean
  /** Globs over whole ARNs that nothing may change, pass or assume. */
  readonly protected: readonly string[]
  /** How long the bot waits for the denials of one deploy. */
  readonly settleSeconds: number
}

/** The settings of a configuration that says nothing. */
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
