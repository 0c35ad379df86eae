import { describe, expect, it } from 'vitest'
import { membershipOf, type SlackAccount } from '../../functions/adapters/slack/chat/membership.ts'
import type { Workspace } from '../../functions/domain/authority/people/workspace.ts'

const TEAM: Workspace = { teamId: 'T0OURS', enterpriseId: null }
const GRID: Workspace = { teamId: null, enterpriseId: 'E0OURS' }
const ONE_OF_GRID: Workspace = { teamId: 'T0OURS', enterpriseId: 'E0OURS' }
const MEMBER: SlackAccount = {
  isDeactivated: false,
  isBot: false,
  isGuest: false,
  isStranger: false,
  teams: ['T0OURS'],
  enterpriseId: null,
}
const OF_GRID: SlackAccount = { ...MEMBER, teams: ['T0FIRST', 'T0OURS'], enterpriseId: 'E0OURS' }

const OTHER = 'this Slack account belongs to another workspace'

const why = (account: SlackAccount | null, workspace = TEAM): string | null => {
  const membership = membershipOf(account, workspace)
  return membership.kind === 'member' ? null : membership.why
}

describe('a full member', () => {
  it.each<[string, SlackAccount, Workspace]>([
    ['of the workspace', MEMBER, TEAM],
    ['of several workspaces, this one among them', OF_GRID, TEAM],
    ['of an organization, where the app belongs to all of it', OF_GRID, GRID],
    ['of an organization and of the workspace that is named', OF_GRID, ONE_OF_GRID],
  ])('%s may decide', (_, account, workspace) => {
    expect(why(account, workspace)).toBe(null)
  })
})

describe('nobody decides', () => {
  it.each<[string, SlackAccount | null, Workspace, string]>([
    ['whom Slack does not know', null, TEAM, 'Slack does not know this user'],
    ['whose account is deactivated', { ...MEMBER, isDeactivated: true }, TEAM, 'this Slack account is deactivated'],
    ['who is an app', { ...MEMBER, isBot: true }, TEAM, 'this Slack account is an app, not a person'],
    ['who is a guest', { ...MEMBER, isGuest: true }, TEAM, 'this Slack account is a guest'],
    ['who is seen through a shared channel', { ...MEMBER, isStranger: true }, TEAM, OTHER],
    ['of another workspace', { ...MEMBER, teams: ['T0OTHERS'] }, TEAM, OTHER],
    ['of no workspace that Slack names', { ...MEMBER, teams: [] }, TEAM, OTHER],
    ['of another organization with the same workspace', { ...OF_GRID, enterpriseId: 'E0OTHERS' }, ONE_OF_GRID, OTHER],
    ['of the organization, and of other workspaces only', { ...OF_GRID, teams: ['T0FIRST'] }, ONE_OF_GRID, OTHER],
    ['of no organization, where one is needed', MEMBER, GRID, OTHER],
    ['where no workspace is named', MEMBER, { teamId: null, enterpriseId: null }, OTHER],
  ])('%s', (_, account, workspace, expected) => {
    expect(why(account, workspace)).toBe(expected)
  })
})
