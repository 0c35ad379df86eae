/** The table of `docs/risk.md`: which permissions of an opened role lead to which level of risk. */
import {
  type Category,
  catalog,
  type EscalationPath,
  HARM_CLASSES,
  type Harm,
  type HarmClass,
  harms,
  RESOURCE_KINDS,
} from '../core/patch/index.ts'

const TITLES: { readonly [category in Category]: string } = {
  'self-escalation': 'It grants itself more',
  'principal-access': 'It takes over a user or a role',
  'new-passrole': 'It passes a role to something new',
  'existing-passrole': 'It takes over something that runs with a role',
  'identity-center': 'Identity Center and directories',
  organizations: 'Organizations',
  federation: 'Identity providers',
  guard: 'It removes a limit',
}

/** The risk level on every resource, and on a resource that the policy names. */
const LEVELS: { readonly [kind in EscalationPath['gain']['kind']]: readonly [string, string] } = {
  administrator: ['high', 'high'],
  rewrites: ['high', 'high for itself, the caller and what they carry; else elevated'],
  becomes: ['high', 'high if it leads to an administrator'],
  joins: ['high', 'elevated'],
  assumes: ['high', 'high if it leads to an administrator'],
  passes: ['high', 'high if the role leads to an administrator'],
  runs: ['high', 'elevated if an administrator trusts the service'],
  influences: ['elevated', 'elevated if an administrator trusts the service'],
  deploys: ['elevated if the CDK deploys as an administrator', 'the same, and if its role is not seen'],
  federates: ['high', 'high if an administrator trusts the provider'],
  unguards: ['high', 'high for itself if it is an administrator without the limit; else elevated'],
}

const HARM_TITLES: { readonly [harm in HarmClass]: string } = {
  blind: 'It hides what is done',
  destroy: 'It destroys what nobody can bring back',
}

export const riskTable = (): string => `${pathTable()}\n${harmTable()}`

/** Permissions that hide or destroy and do not lead to administrator access. */
function harmTable(): string {
  return HARM_CLASSES.map(
    harmClass => `### ${HARM_TITLES[harmClass]}

| permission of the role | on every resource | on a named resource | because it may | page |
| --- | --- | --- | --- | --- |
${harms()
  .filter(harm => harm.harmClass === harmClass)
  .map(harmRow)
  .join('\n')}
`,
  ).join('\n')
}

function harmRow({ on, need: { action, on: kinds }, does, source }: Harm): string {
  const { arn, label } = RESOURCE_KINDS[kinds[0]]
  const onNamed = arn === null ? '—' : on === 'any' ? 'elevated' : 'low'
  const page = source.slice(source.lastIndexOf('/') + 1).replace(/\.html$/, '')
  return `| \`${action}\` | elevated | ${onNamed} | ${does.replace('{it}', `the ${label}`)} | [${page}](${source}) |`
}

function pathTable(): string {
  return [...Map.groupBy(catalog(), ({ category }) => category)]
    .map(
      ([category, paths]) => `### ${TITLES[category]}

| permissions of the role | on every resource | on a named resource | because it may | path |
| --- | --- | --- | --- | --- |
${paths.map(row).join('\n')}
`,
    )
    .join('\n')
}

function row({ id, needs, gain, does, source }: EscalationPath): string {
  const [first] = needs
  const actions = [...(gain.kind === 'passes' ? ['iam:PassRole'] : []), ...new Set(needs.map(({ action }) => action))]
  const [everywhere, named] = LEVELS[gain.kind]
  const { arn, label } = RESOURCE_KINDS[first.on[0]]
  const onNamed = arn === null && gain.kind !== 'passes' ? '—' : named
  const why = does.replace('{it}', `the ${label}`).replace('{role}', 'the passed role')
  return `| ${actions.map(action => `\`${action}\``).join(' ')} | ${everywhere} | ${onNamed} | ${why} | [${id}](${source}) |`
}
