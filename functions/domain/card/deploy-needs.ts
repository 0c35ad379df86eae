/** What the template of a failed deploy adds to a card: the place of the role, and what else the next attempt would be denied. */
import {
  code,
  joined,
  link,
  linkableUrl,
  never,
  own,
  plural,
  type RichText,
  richText,
  strong,
} from '../../../core/base/index.ts'
import { nameWithPath } from '../../../core/iam/index.ts'
import type { TemplatePlace } from '../../../iac/needs/index.ts'
import type { DeployStanding } from '../deploy/index.ts'
import type { DeployNeed, Proposal } from '../proposal/index.ts'

const SHOWN_NEEDS = 12
const SHOWN_DEPLOYS = 5
const SHOWN_ROLES = 4

/** Empty: the card concerns only the denial. */
export function deployNeeds({
  template,
  deploy,
  isSolved,
}: Pick<Proposal, 'template' | 'deploy' | 'isSolved'>): readonly RichText[] {
  if (template === undefined) return []
  const { needs, refused, unnamed, unread } = template
  if (unread !== null) {
    return [richText`The template of the deploy was not read (${unread}), so this is about the one denial only.`]
  }
  const which = (deploy?.failed ?? []).length > 1 ? 'these deploys' : 'the same deploy'
  const names = refused
    .slice(0, SHOWN_NEEDS)
    .map(({ role, code: why }) => richText`${code(nameWithPath(role))} (${why})`)
  const left = needs.length - SHOWN_NEEDS
  // What is not granted is said first: a list may be longer than there is room.
  return [
    ...(refused.length > 0
      ? [richText`Lacking too, and not part of this: ${joined(names, ', ')}${moreThan(refused)}.`]
      : []),
    ...(unnamed > 0
      ? [richText`${own(plural(unnamed, 'role'))} of the deploy cannot be checked: only the deploy knows the names.`]
      : []),
    ...(needs.length > 0
      ? [
          richText`${strong(`${isSolved === true ? 'The denied call worked later' : 'This denial'}, and ${needs.length} more that ${which} would meet.`)} They are granted together, and reverted together:`,
        ]
      : []),
    ...needs.slice(0, SHOWN_NEEDS).map(needLine),
    ...(left > 0 ? [richText`and ${own(plural(left, 'more role'))}.`] : []),
  ]
}

const moreThan = ({ length }: readonly unknown[]): RichText =>
  length > SHOWN_NEEDS ? richText` and ${own(plural(length - SHOWN_NEEDS, 'more role'))}` : []

/** One line for each deploy that waits for the card, with what it still lacks itself. Empty: it is one deploy, which the card is about. */
export function deployLines(deploys: readonly DeployStanding[], hosts: readonly string[]): readonly RichText[] {
  if (deploys.length < 2) return []
  const left = deploys.length - SHOWN_DEPLOYS
  return [
    [strong(`${plural(deploys.length, 'deploy')} failed for this:`)],
    ...deploys.slice(0, SHOWN_DEPLOYS).map(one => standingLine(one, hosts)),
    ...(left > 0 ? [richText`and ${own(plural(left, 'more deploy'))}.`] : []),
  ]
}

function standingLine(standing: DeployStanding, hosts: readonly string[]): RichText {
  const { name, link: page } = standing
  const shown = linkableUrl(page, hosts) === null ? richText`${name}` : [link(name, page)]
  return richText`• ${shown}${stillLacks(standing)}`
}

function stillLacks({ outlook, roles, others }: DeployStanding): RichText {
  switch (outlook) {
    case 'fixed':
      return richText`: its cause is fixed, retry it.`
    case 'granted':
      return richText`: what was denied is granted, but more may be missing.`
    case 'lacks': {
      const names = roles.slice(0, SHOWN_ROLES).map(role => richText`${code(nameWithPath(role))}`)
      const more = roles.length - names.length
      const left = more > 0 ? richText` and ${own(plural(more, 'more role'))}` : []
      const rest = others > 0 ? richText`${own(plural(others, 'more permission'))} that its alert names` : []
      const what =
        roles.length === 0 ? rest : richText`${joined(names, ', ')}${left}${others > 0 ? richText`, and ${rest}` : []}`
      return roles.length + others === 0 ? richText`: see its alert.` : richText` still lacks ${what}.`
    }
    default:
      return never(outlook)
  }
}

function needLine({ denial, place, operation }: DeployNeed): RichText {
  const service = denial.passes[0]?.service.values[0]?.service
  const { kind, name } = denial.principal
  const isOfService = kind === 'service' && name !== null
  const receiver = isOfService ? richText` by ${name}` : service === undefined ? [] : richText` for ${service}`
  return richText`• ${code(denial.action)} on ${code(nameWithPath(denial.resource ?? ''))}${receiver}: ${placeText(place)}, ${operation}`
}

export function placeText({ logicalId, property, line, constructPath }: TemplatePlace): RichText {
  const at = line === null ? [] : richText` line ${line}`
  const construct = constructPath === null ? [] : richText` (${code(constructPath)})`
  return richText`${code(`${logicalId}.${property}`)}${at}${construct}`
}
