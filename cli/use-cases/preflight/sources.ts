/** Reads the needs of a deploy from a template, a `cdk.out` folder, or the JSON of a Terraform plan. */

import { readFileSync, statSync } from 'node:fs'
import { plural, UsageError } from '../../../core/base/index.ts'
import { assemblyNeeds, type DeployNeeds, NO_OPTIONS, planReader, templateNeeds } from '../../../iac/needs/index.ts'
import { type DeployEnvironment, literalText, type RoleText, UnreadableSource } from '../../../iac/source/index.ts'
import { shownName } from '../../files/standard-input.ts'
import type { UseCaseWorld } from '../world.ts'
import { checkoutOf } from './checkout.ts'
import { readPlan } from './plan-stream.ts'

export type SourceOptions = {
  readonly environment: DeployEnvironment
  readonly parameters: ReadonlyMap<string, string>
}

/** `name`: the name of a given text in the answer. It is not a file. */
export type DeploySource =
  | { readonly kind: 'path'; readonly name: string }
  | { readonly kind: 'text'; readonly name: string; readonly text: string }

/** Larger than any template that CloudFormation accepts, including nested ones. */
const MAX_TEMPLATE_BYTES = 8_000_000

/** Throws a UsageError of one line, with file and line number, for unreadable input. */
export async function readNeeds(
  source: DeploySource,
  options: SourceOptions,
  world: UseCaseWorld,
): Promise<DeployNeeds> {
  try {
    return await (source.kind === 'path' ? needsAt(source.name, options, world) : needsIn(source, options))
  } catch (fault) {
    if (!(fault instanceof UnreadableSource)) throw fault
    const place = fault.line === null ? fault.file : `${fault.file}:${fault.line}`
    throw new UsageError(`${place}: ${fault.message}`, { cause: fault })
  } finally {
    world.progress(null)
  }
}

/** Several sources of one deploy. */
export function joinedNeeds(parts: readonly DeployNeeds[]): DeployNeeds {
  const [pattern] = parts.flatMap(({ deployRolePattern = [] }) => deployRolePattern)
  return {
    needs: parts.flatMap(part => part.needs),
    made: parts.flatMap(part => part.made),
    profiles: parts.flatMap(part => part.profiles),
    deployRole: parts.find(part => part.deployRole !== null)?.deployRole ?? null,
    ...(pattern === undefined ? {} : { deployRolePattern: pattern }),
    unread: parts.flatMap(part => part.unread),
    parameters: parts.flatMap(part => part.parameters ?? []),
  }
}

/** A misspelled name would leave the default in place without a word. */
export const unusedParameters = (
  { parameters = [] }: DeployNeeds,
  given: SourceOptions['parameters'],
): readonly string[] =>
  [...given.keys()]
    .filter(name => !parameters.includes(name))
    .map(name => `--parameter ${name} is not used: no template that was given has a parameter of that name`)

async function needsIn(
  { name, text }: Extract<DeploySource, { readonly kind: 'text' }>,
  { environment, parameters }: SourceOptions,
): Promise<DeployNeeds> {
  const bytes = Buffer.from(text)
  refuseOthers(name, bytes)
  if (isPlan(bytes)) {
    const reader = planReader(name, environment)
    await readPlan(name, reader, () => {}, [bytes])
    return reader.finish()
  }
  return templateNeeds(name, text, { ...NO_OPTIONS, environment, textAt: () => null, given: givenIn(parameters) })
}

const givenIn = (parameters: SourceOptions['parameters']): ReadonlyMap<string, readonly RoleText[]> =>
  new Map([...parameters].map(([name, value]) => [name, [literalText(value)]]))

async function needsAt(path: string, options: SourceOptions, world: UseCaseWorld): Promise<DeployNeeds> {
  const { environment, parameters } = options
  if (world.allows?.(path) === false) throw new UsageError(`${path}: not one of the given files`)
  const entry = statSync(path, { throwIfNoEntry: false })
  // As `<(terraform show -json plan)` is one.
  if (path === '-' || entry?.isFIFO() === true)
    return needsIn({ kind: 'text', name: shownName(path), text: await world.readFile(path) }, options)
  if (entry === undefined) throw new UsageError(`${path}: no such file`)
  const isInside = checkoutOf(path)
  if (!isInside(path)) throw new UsageError(`${path}: is a link out of the checkout, which is not followed`)
  const textAt = (other: string) => (world.allows?.(other) === false || !isInside(other) ? null : textOfFile(other))
  if (entry.isDirectory()) return assemblyNeeds(path.replace(/\/+$/, ''), { environment, textAt })
  const isLarge = entry.size > MAX_TEMPLATE_BYTES
  const raw = readHead(path, isLarge)
  const head = raw[0] === 0x1f && raw[1] === 0x8b ? Buffer.from(await world.readFile(path)) : raw
  refuseOthers(path, head)
  if (isLarge ? looksLikeJson(head) : isPlan(head)) {
    const reader = planReader(path, environment)
    await readPlan(path, reader, bytes => {
      if (isLarge) world.progress(`reading ${path}: ${megabytes(bytes)} of ${megabytes(entry.size)} MB`)
    })
    return reader.finish()
  }
  if (isLarge) throw new UsageError(`${path}: larger than any template (${plural(MAX_TEMPLATE_BYTES, 'byte')})`)
  return templateNeeds(path, await world.readFile(path), {
    ...NO_OPTIONS,
    environment,
    textAt,
    given: givenIn(parameters),
  })
}

const megabytes = (bytes: number): string => (bytes / 1_000_000).toFixed(0)

function readHead(path: string, isLarge: boolean): Buffer {
  try {
    return isLarge ? readFileSync(path, { flag: 'r' }).subarray(0, 4) : readFileSync(path)
  } catch (cause) {
    throw new UsageError(`${path}: may not be read`, { cause })
  }
}

const looksLikeJson = (head: Buffer) => /^[\s\uFEFF]*[{[]/.test(textOf(head))

const textOf = (head: Buffer) =>
  head[0] === 0xff && head[1] === 0xfe ? head.toString('utf16le', 2) : head.toString('utf8')

const PLAN_KEYS = /"(?:resource_changes|planned_values|terraform_version|prior_state)"\s*:/

function isPlan(head: Buffer): boolean {
  const text = textOf(head)
  return looksLikeJson(head) && PLAN_KEYS.test(text) && !/"Resources"\s*:/.test(text)
}

/** Code that becomes a template or a plan, by the name of its file. */
const OTHER_CODE: readonly (readonly [name: RegExp, why: string])[] = [
  [
    /(?:^|\/)serverless\.ya?ml$/,
    'this is code of the Serverless Framework, not a template: give what serverless package writes, .serverless/cloudformation-template-update-stack.json',
  ],
  [/(?:^|\/)cdk\.json$/, 'this configures the CDK and is no template: give the cdk.out that cdk synth writes'],
  [
    /(?:^|\/)(?:cdktf\.json|terragrunt\.hcl)$/,
    'this leads to Terraform and is no plan: give the output of terraform show -json PLAN',
  ],
  [
    /(?:^|\/)Pulumi(?:\.[\w-]+)?\.ya?ml$/,
    'Pulumi deploys without a template or a plan of Terraform, which are what is read',
  ],
]

/** Refuses files that users often pass by mistake. */
function refuseOthers(path: string, head: Buffer): void {
  if (head.subarray(0, 2).toString() === 'PK') {
    throw new UsageError(`${path}: a saved plan is binary: give the output of terraform show -json ${path}`)
  }
  if (/\.(?:tf|tofu)$/.test(path)) {
    throw new UsageError(`${path}: this is Terraform code, not a plan: give the output of terraform show -json PLAN`)
  }
  const text = textOf(head.subarray(0, 4_096))
  const [, why] = OTHER_CODE.find(([name]) => name.test(path)) ?? []
  if (why !== undefined && !/^Resources\s*:|"Resources"\s*:/m.test(textOf(head)))
    throw new UsageError(`${path}: ${why}`)
  // https://github.com/hashicorp/setup-terraform#inputs
  if (/^\[command\]/.test(text)) {
    throw new UsageError(
      `${path}: the wrapper of setup-terraform has written into it: set terraform_wrapper to false, and run terraform show -json again`,
    )
  }
  if (/^\s*\{"@level"/.test(text)) {
    throw new UsageError(
      `${path}: this is the log of terraform plan -json: save the plan, and give the output of terraform show -json`,
    )
  }
  // A state file, or the output of terraform show -json for one.
  const isState = /^\s*\{\s*"version"\s*:\s*\d+\s*,\s*"terraform_version"/.test(text) || isShownState(text)
  if (isState) {
    throw new UsageError(`${path}: this is a state, not a plan: give the output of terraform show -json PLAN`)
  }
}

const isShownState = (text: string): boolean =>
  /^\s*\{\s*"format_version"\s*:\s*"[^"]*"\s*,\s*"terraform_version"\s*:\s*"[^"]*"\s*,\s*"values"/.test(text)

/** Other files of the same deploy: nested templates, manifests and templates of a cloud assembly. */
function textOfFile(path: string): string | null {
  const entry = statSync(path, { throwIfNoEntry: false })
  if (entry === undefined || !entry.isFile()) return null
  if (entry.size > MAX_TEMPLATE_BYTES) throw new UnreadableSource(path, null, 'larger than any template')
  return readFileSync(path, 'utf8')
}
