/** The sample accounts next to the channel: a diff of every changed policy. */

import { structuredPatch } from 'diff'
import { parsePolicy } from '../../core/iam/index.ts'
import type { AppliedMode } from '../../functions/domain/config/index.ts'
import { type Html, html } from '../../functions/domain/messages/index.ts'
import type { SampleAccount, SampleAccountDetails } from '../sample-accounts.ts'

export type ShownPolicy = { readonly where: string; readonly text: string }

/** Every policy document of an account, with a readable name. */
function policyTexts(details: SampleAccountDetails): readonly ShownPolicy[] {
  const roles = (details.RoleDetailList ?? []).flatMap(role => [
    { where: `role ${role.RoleName}: trust policy`, document: role.AssumeRolePolicyDocument },
    ...(role.RolePolicyList ?? []).map(policy => ({
      where: `role ${role.RoleName}: inline policy ${policy.PolicyName}`,
      document: policy.PolicyDocument,
    })),
  ])
  const users = (details.UserDetailList ?? []).flatMap(user =>
    (user.UserPolicyList ?? []).map(policy => ({
      where: `user ${user.UserName}: inline policy ${policy.PolicyName}`,
      document: policy.PolicyDocument,
    })),
  )
  const managed = (details.Policies ?? []).map(policy => ({
    where: `managed policy ${policy.PolicyName}`,
    document: policy.PolicyVersionList.find(version => version.IsDefaultVersion)?.Document,
  }))
  return [...roles, ...users, ...managed].map(({ where, document }) => {
    const parsed = parsePolicy(document)
    return { where, text: parsed.ok ? JSON.stringify(parsed.value, null, 2) : String(document) }
  })
}

export type PolicyDiff = { readonly where: string; readonly lines: readonly string[] }

export function changedPolicies(account: SampleAccount): readonly PolicyDiff[] {
  const before = new Map(policyTexts(account.original).map(({ where, text }) => [where, text]))
  const after = new Map(policyTexts(account.current).map(({ where, text }) => [where, text]))
  return [...new Set([...before.keys(), ...after.keys()])]
    .filter(where => before.get(where) !== after.get(where))
    .map(where => ({ where, lines: diffLines(before.get(where) ?? '', after.get(where) ?? '') }))
}

function diffLines(before: string, after: string): readonly string[] {
  const patch = structuredPatch('before', 'after', before, after, undefined, undefined, { context: 4 })
  return patch.hunks.flatMap(hunk => hunk.lines).filter(line => !line.startsWith('\\'))
}

export type ShownAccount = { readonly account: SampleAccount; readonly mode: AppliedMode }

export function renderAccounts(accounts: readonly ShownAccount[]): Html {
  return html`${accounts.map(({ account, mode }) => {
    const changed = changedPolicies(account)
    return html`<section class="account">
      <h3>Account ${account.id}</h3>
      <p class="quiet">${modeLine(mode)}</p>
      ${changed.length === 0 ? html`<p class="quiet">No policy differs from its original.</p>` : changed.map(renderDiff)}
    </section>`
  })}`
}

const DOES: { readonly [mode in AppliedMode['mode']]: string } = {
  observe: 'Denials are counted here; nobody is asked.',
  recommend: 'Cards show the change here; nobody can approve it.',
  approve: 'Changes are approved in Slack here.',
}
const modeLine = ({ mode, unread }: AppliedMode): string =>
  unread === null ? DOES[mode] : `${DOES[mode]} Its units are unknown: ${unread}`

function renderDiff({ where, lines }: PolicyDiff): Html {
  return html`<h4>${where}</h4>
    <pre class="diff">${lines.map(line => html`<span class="${kindOf(line)}">${line}\n</span>`)}</pre>`
}

function kindOf(line: string): string {
  if (line.startsWith('+')) return 'added'
  return line.startsWith('-') ? 'removed' : 'same'
}
