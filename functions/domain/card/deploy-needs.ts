/** What the template of a failed deploy adds to a card: the place of the role, and what else the next attempt would be denied. */
import { code, joined, own, plural, type RichText, richText, strong } from '../../../core/base/index.ts'
import { nameWithPath } from '../../../core/iam/index.ts'
import type { TemplatePlace } from '../../../iac/needs/index.ts'
import type { DeployNeed, Proposal } from '../proposal/index.ts'

const SHOWN_NEEDS = 12

/** Empty: the card concerns only the denial. */
export function deployNeeds({ template }: Pick<Proposal, 'template'>): readonly RichText[] {
  if (template === undefined) return []
  const { needs, refused, unnamed, unread } = template
  if (unread !== null) {
    return [richText`The template of the deploy was not read (${unread}), so this is about the one denial only.`]
  }
  const lines: RichText[] = []
  if (needs.length > 0) {
    lines.push(
      richText`${strong(`This denial, and ${needs.length} more that the same deploy will meet.`)} One approval lifts all of them, one revert takes all back:`,
    )
    lines.push(...needs.slice(0, SHOWN_NEEDS).map(needLine))
    if (needs.length > SHOWN_NEEDS) lines.push(richText`and ${own(plural(needs.length - SHOWN_NEEDS, 'more role'))}.`)
  }
  if (refused.length > 0) {
    const names = refused
      .slice(0, SHOWN_NEEDS)
      .map(({ role, code: why }) => richText`${code(nameWithPath(role))} (${why})`)
    lines.push(richText`Lacking too, and not part of this: ${joined(names, ', ')}.`)
  }
  if (unnamed > 0) {
    lines.push(
      richText`${own(plural(unnamed, 'role'))} of the deploy cannot be checked: only the deploy knows the names.`,
    )
  }
  return lines
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
