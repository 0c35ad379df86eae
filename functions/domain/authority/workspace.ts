/** Who counts as one of us in the chat. A name in a list of approvers is an id only: whose account it is now, the chat says. */

/** Where people must belong: a workspace, or an organization whose workspaces share one installation; with both, a workspace of that organization. */
export type Workspace = { readonly teamId: string | null; readonly enterpriseId: string | null }

/** A user as the chat describes them now. */
export type ChatAccount = {
  readonly isDeactivated: boolean
  /** Also an app's user and a workflow's. */
  readonly isBot: boolean
  /** Of one or of several channels. */
  readonly isGuest: boolean
  /** Seen only through a channel that is shared with another organization. */
  readonly isStranger: boolean
  /** Ids of the workspaces that the user belongs to. */
  readonly teams: readonly string[]
  /** Null: the user belongs to no organization of several workspaces. */
  readonly enterpriseId: string | null
}

/** `why` ends the sentence "You cannot decide this: …". */
export type WorkspaceMembership = { readonly kind: 'member' } | { readonly kind: 'not-a-member'; readonly why: string }

/** Null: the chat does not know the user. */
export function membershipOf(account: ChatAccount | null, workspace: Workspace): WorkspaceMembership {
  const why = account === null ? 'Slack does not know this user' : refusalOf(account, workspace)
  return why === null ? { kind: 'member' } : { kind: 'not-a-member', why }
}

function refusalOf(account: ChatAccount, workspace: Workspace): string | null {
  if (account.isDeactivated) return 'this Slack account is deactivated'
  if (account.isBot) return 'this Slack account is an app, not a person'
  if (account.isStranger || !belongs(account, workspace)) return 'this Slack account belongs to another workspace'
  return account.isGuest ? 'this Slack account is a guest' : null
}

/** Without a workspace to compare with, nobody belongs. */
function belongs({ teams, enterpriseId }: ChatAccount, workspace: Workspace): boolean {
  if (workspace.teamId === null && workspace.enterpriseId === null) return false
  const inTeam = workspace.teamId === null || teams.includes(workspace.teamId)
  const inOrganization = workspace.enterpriseId === null || workspace.enterpriseId === enterpriseId
  return inTeam && inOrganization
}
