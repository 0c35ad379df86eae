/**
 * A suggestion after three equal approvals: the role set that would have made them one, with an assessment of its members.
 * Never edits the configuration.
 */
import { descriptorOf } from '../../../../core/actions/index.ts'
import { code, joined, own, plural, type RichText, richText, strong } from '../../../../core/base/index.ts'
import { callerName } from '../../../../core/denial/index.ts'
import { entityName } from '../../../../core/iam/index.ts'
import type { JudgedMember, JudgedSet, SetSuggestion } from '../../grants/index.ts'
import type { Proposal } from '../../proposal/index.ts'
import { serviceName } from '../sentences/service-names.ts'
import type { NoticeCard } from './notice-card.ts'

const MAX_SHOWN = 20

export function setSuggestion(
  { id, denial }: Pick<Proposal, 'id' | 'denial'>,
  { set, approvals }: SetSuggestion,
  judged: JudgedSet,
): NoticeCard {
  const against = reasonAgainst(judged)
  const names = entityName(set.pattern)
  const services = joined(
    set.services.map(service => [own(serviceName(service) ?? service)]),
    ' or ',
  )
  const roles = joined(
    approvals.slice(-MAX_SHOWN).map(({ role }) => [code(entityName(role))]),
    ', ',
  )
  return {
    id,
    tone: 'information',
    headline: richText`${own(approvals.length === 3 ? 'Three approvals' : plural(approvals.length, 'approval'))} in 30 days let ${callerName(denial)} ${own(descriptorOf(denial.action).wording.verb)} roles named ${names} to ${services}`,
    lines: [
      richText`${strong('Approved:')} ${roles}`,
      ...membersInWords(judged),
      ...(against === null
        ? [
            richText`An approved set makes the next one a single decision: it grants ${code(set.pattern)}, also for roles that are created under this name later.`,
            richText`If that is right, add this to ${code('approvedRoleSets')} in ${code('rolemedic.config.json')} and deploy. rolemedic never edits its configuration.`,
          ]
        : [richText`⚠️ ${strong('An approved set is not recommended:')} ${against}`]),
    ],
    code: against === null ? JSON.stringify(set, null, 2) : null,
    buttons: [],
  }
}

/** Why no entry for the configuration is offered. Members that could not be read are a reason too. Null: an entry is offered. */
function reasonAgainst({ members, refused }: JudgedSet): string | null {
  if (refused !== null) return refused
  if (!members.known) return 'its roles could not be listed, so nobody knows what it would open.'
  const administrator = members.value.find(one => one.isAdministrator)
  if (administrator !== undefined) return `${administrator.name} may lead to administrator access.`
  const unread = members.value.filter(one => one.isUnread)
  if (unread.length > 0) return `what ${unread.length} of its roles may do could not be read.`
  const high = members.value.find(one => one.risk === 'high')
  return high === undefined ? null : `${high.name} is high risk.`
}

function membersInWords({ members }: JudgedSet): readonly RichText[] {
  if (!members.known) return [richText`${strong('Members today:')} could not be listed (${members.why}).`]
  const shown = members.value.slice(0, MAX_SHOWN)
  const more = members.value.slice(MAX_SHOWN)
  return [
    richText`${strong('Members today:')} ${own(plural(members.value.length, 'role'))}`,
    ...shown.map(inWords),
    ...(more.length === 0 ? [] : [richText`and ${own(`${more.length}`)} more, none of them of a higher risk`]),
  ]
}

const inWords = (member: JudgedMember): RichText => {
  const { name, risk, why, isUnread, isAdministrator } = member
  const level = isUnread && !isAdministrator ? 'its risk is not known' : `${risk} risk`
  return richText`• ${code(name)}: ${own(level)}${why === null || risk === 'low' ? [] : richText`. ${why}`}`
}
