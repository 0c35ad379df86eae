/** A path to administrator access as one sentence. */
import { type Identity, parseArn } from '../../iam/index.ts'
import type { EscalationStep, Reach } from './could-become.ts'
import { ADMINISTRATOR } from './escalation-edges.ts'
import { ANY_NAME, type Sample } from './resource-samples.ts'
import type { HarmClass } from './table/harms.ts'
import { RESOURCE_KINDS, type ResourceKind } from './table/resource-kinds.ts'

/** The path in words, for a `caller` that gets the role. Null: the role leads to no known path. */
export function wayInWords({ opened, way }: Reach, caller: string): string | null {
  if (way === null) return null
  const could = `Through ${opened.name} ${caller} ${way.certain ? 'could' : 'might'} become administrator`
  if (way.steps.length === 0) return `${could}: ${opened.name} may do anything.`
  const last = way.steps.at(-1)
  const end = last === undefined || last.to === ADMINISTRATOR ? '' : `, which may do anything`
  return `${could}: ${way.steps.map(clause).join(', and ')}${end}.`
}

const CLASSES: { readonly [harm in HarmClass]: string } = {
  blind: 'hide what is done',
  destroy: 'destroy what nobody can bring back',
}
const MAX_HARMS = 2

/** The harm in words, for a `caller` that gets the role. Null: no harm of this class is possible. */
export function harmInWords({ opened, harms }: Reach, harmClass: HarmClass, caller: string): string | null {
  const own = harms.filter(({ harm }) => harm.harmClass === harmClass)
  if (own.length === 0) return null
  const does = own.slice(0, MAX_HARMS).map(({ harm, by, it }) => {
    const thing = harm.does.replace('{it}', () => named(it, harm.need.on[0], by))
    return by.arn === opened.arn ? thing : `${thing} as ${by.name}`
  })
  const more = own.length - does.length
  const rest = more === 0 ? '' : `, and ${more} more of the kind`
  return `Through ${opened.name} ${caller} could ${CLASSES[harmClass]}: ${opened.name} may ${does.join(', ')}${rest}.`
}

/** The page about the first harm. */
export const harmExplainedAt = ({ harms }: Reach, harmClass: HarmClass): string | null =>
  harms.find(({ harm }) => harm.harmClass === harmClass)?.harm.source ?? null

/** The catalogue page for the last step, which decides. */
export const explainedAt = ({ way }: Reach): string | null => way?.steps.at(-1)?.path.source ?? null

function clause(step: EscalationStep): string {
  const { path, from, role } = step
  const does = path.does
    .replace('{it}', () => itInWords(step))
    .replace('{role}', () => (role === '*' ? 'any role' : nameIn(role ?? '')))
  return `${from.name} may ${does}${after(step)}`
}

/** Where the step leads, if the action does not say it. */
function after({ path, role, to, among }: EscalationStep): string {
  const [likely] = among
  if (to === ADMINISTRATOR && likely !== undefined)
    return role === '*' ? `, such as ${nameIn(likely)}` : `, and one of them may run as ${nameIn(likely)}`
  if (to === ADMINISTRATOR) return ''
  if (path.gain.kind === 'deploys') return `, from which CloudFormation deploys as ${nameIn(to)}`
  if (path.gain.kind === 'influences') return `, which may lead to ${nameIn(to)}`
  if (path.gain.kind === 'runs') return `, which may run as ${nameIn(to)}`
  return path.gain.kind === 'federates' ? `, and so become ${nameIn(to)}` : ''
}

const itInWords = ({ path, it, from }: EscalationStep): string => named(it, path.needs[0].on[0], from)

function named(it: Sample, kind: ResourceKind, by: Identity): string {
  const { label } = RESOURCE_KINDS[kind]
  if (it.any) return `any ${label}`
  return it.resource === by.arn
    ? 'itself'
    : `the ${label} ${nameIn(it.resource.includes(ANY_NAME) ? it.pattern : it.resource)}`
}

/** The part after the resource type. For users and roles, only the name. */
function nameIn(arn: string): string {
  const parsed = parseArn(arn)
  if (parsed === null) return arn
  const { service, resource } = parsed
  return service === 'iam' ? resource.slice(resource.lastIndexOf('/') + 1) : resource.replace(/^[\w-]+[/:]/, '')
}
