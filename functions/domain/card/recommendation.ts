/** The text of a card that nobody can approve: why, who should make the change, and the setting that would allow approval. */
import { code, joined, own, type RichText, richText, strong } from '../../../core/base/index.ts'
import { type AppliedMode, type Config, modeInWords, nextUp } from '../config/index.ts'
import type { Proposal } from '../proposal/index.ts'
import { managedElsewhere } from './checks.ts'
import { accountName } from './facts.ts'

export function recommendation(proposal: Proposal, mode: AppliedMode, config: Config): readonly RichText[] {
  return [
    richText`${strong('Recommendation:')} ${own(modeInWords(mode))}, so nobody can approve it here.`,
    ...maker(proposal, config),
    ...moveUp(mode),
  ]
}

/** Who should make the change, if the diagnosis knows: the owner of the code, otherwise the owner of the account. */
function maker(proposal: Proposal, config: Config): readonly RichText[] {
  const managed = managedElsewhere(proposal.verification)
  if (managed.length > 0) return managed.map(line => richText`${strong('Who makes it:')} ${line}`)
  const targets = (proposal.patch?.changes ?? []).filter(change => change.required).map(({ target }) => target)
  const accounts = [...new Set(targets.map(({ accountId }) => accountId))]
  if (accounts.length === 0) return []
  const names = joined(
    accounts.map(accountId => accountName(accountId, config)),
    ' and ',
  )
  const entities = joined(
    [...new Set(targets.map(({ name }) => name))].slice(0, NAMED_ENTITIES).map(name => [code(name)]),
    ', ',
  )
  return [
    richText`${strong('Who makes it:')} the owner of ${names}, who administers ${entities}. No tag names a stack or Terraform.`,
  ]
}

const NAMED_ENTITIES = 4

function moveUp(mode: AppliedMode): readonly RichText[] {
  const line = nextUp(mode)
  if (line === null) return []
  if (mode.mode === 'observe')
    return [
      richText`The next mode up: ${code(line)} in rolemedic.config.json. Only "approve" gives such cards Approve.`,
    ]
  return [richText`To have Approve on such cards: ${code(line)} in rolemedic.config.json.`]
}
