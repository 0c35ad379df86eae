/** A path to administrator access as one sentence. */
import { parseArn } from '../../iam/arn.ts'
import type { Reach, Step } from './could-become.ts'
import { ADMINISTRATOR } from './escalation-edges.ts'
import { RESOURCE_KINDS } from './resource-kinds.ts'
import { ANY_NAME } from './resource-samples.ts'

/** `caller` gets the role. Null if the role leads to no known path. */
export function wayInWords({ opened, way }: Reach, caller: string): string | null {
  if (way === null) return null
  const could = `Through ${opened.name} ${caller} ${way.certain ? 'could' : 'might'} become administrator`
  if (way.steps.length === 0) return `${could}: ${opened.name} may do anything.`
  const last = way.steps.at(-1)
  const end = last === undefined || last.to === ADMINISTRATOR ? '' : `, which may do anything`
  return `${could}: ${way.steps.map(clause).join(', and ')}${end}.`
}

/** The catalogue page that explains the last, decisive step. */
export const explainedAt = ({ way }: Reach): string | null => way?.steps.at(-1)?.path.source ?? null

function clause(step: Step): string {
  const { path, from, role } = step
  const does = path.does
    .replace('{it}', () => itInWords(step))
    .replace('{role}', () => (role === '*' ? 'any role' : nameIn(role ?? '')))
  return `${from.name} may ${does}${after(step)}`
}

/** Where the step leads, if the action does not say it. */
function after({ path, role, to, among }: Step): string {
  const [likely] = among
  if (to === ADMINISTRATOR && likely !== undefined)
    return role === '*' ? `, such as ${nameIn(likely)}` : `, and one of them may run as ${nameIn(likely)}`
  if (to === ADMINISTRATOR) return ''
  if (path.gain.kind === 'runs') return `, which may run as ${nameIn(to)}`
  return path.gain.kind === 'federates' ? `, and so become ${nameIn(to)}` : ''
}

function itInWords({ path, it, from }: Step): string {
  const { label } = RESOURCE_KINDS[path.needs[0].on[0]]
  if (it.any) return `any ${label}`
  return it.resource === from.arn
    ? 'itself'
    : `the ${label} ${nameIn(it.resource.includes(ANY_NAME) ? it.pattern : it.resource)}`
}

/** The part after the resource type; for users and roles only the name. */
function nameIn(arn: string): string {
  const parsed = parseArn(arn)
  if (parsed === null) return arn
  const { service, resource } = parsed
  return service === 'iam' ? resource.slice(resource.lastIndexOf('/') + 1) : resource.replace(/^[\w-]+[/:]/, '')
}
