/** Who is one of us in Slack: a full and active member of the workspace. */

import type { Workspace, WorkspaceMembership } from '../../../domain/authority/index.ts'

/** A user as Slack describes them now. */
export type SlackAccount = {
  readonly isDeactivated: boolean
  /** Also an app's user and a workflow's. */
  readonly isBot: boolean
  /** Of one or of several channels. */
  readonly isGuest: boolean
  /** Of another workspace, and in no shared channel. Who is in one is told by `teams`. */
  readonly isStranger: boolean
  /** Ids of the workspaces that the user belongs to. */
  readonly teams: readonly string[]
  /** Null: the user belongs to no organization of several workspaces. */
  readonly enterpriseId: string | null
}

/** Null: Slack does not know the user. */
export function membershipOf(account: SlackAccount | null, workspace: Workspace): WorkspaceMembership {
  const why = account === null ? 'Slack does not know this user' : refusalOf(account, workspace)
  return why === null ? { kind: 'member' } : { kind: 'not-a-member', why }
}

function refusalOf(account: SlackAccount, workspace: Workspace): string | null {
  if (account.isDeactivated) return 'this Slack account is deactivated'
  if (account.isBot) return 'this Slack account is an app, not a person'
  if (account.isStranger || !belongs(account, workspace)) return 'this Slack account belongs to another workspace'
  return account.isGuest ? 'this Slack account is a guest' : null
}

/** Without a workspace to compare with, nobody belongs. */
function belongs({ teams, enterpriseId }: SlackAccount, workspace: Workspace): boolean {
  if (workspace.teamId === null && workspace.enterpriseId === null) return false
  const inTeam = workspace.teamId === null || teams.includes(workspace.teamId)
  const inOrganization = workspace.enterpriseId === null || workspace.enterpriseId === enterpriseId
  return inTeam && inOrganization
}
