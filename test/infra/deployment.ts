/** One synthesis per test file: templates in their deployed form, without bundling the functions. */
import { mkdtempSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Config, DEFAULT_CONFIG } from '../../functions/domain/config/config.ts'
import { rolemedic } from '../../infra/app.ts'
import { FUNCTIONS } from '../../infra/functions.ts'
import { parseSettings } from '../../infra/settings.ts'
import type { Bundles } from '../../infra/stacks/bot.ts'

export type Resource = {
  readonly Type: string
  readonly Properties: { readonly [name: string]: unknown }
  readonly DeletionPolicy?: string
  readonly Condition?: string
  readonly DependsOn?: string | readonly string[]
}
export type Template = { readonly Resources: { readonly [id: string]: Resource } }
export type Deployed = {
  /** By stack name. */
  readonly templates: { readonly [stack: string]: Template }
  readonly protectedStacks: readonly string[]
  /** The names of the stacks, as `cdk deploy --all` takes them. */
  readonly order: readonly string[]
  /** The size of the template file, by stack name. */
  readonly bytes: { readonly [stack: string]: number }
}

const ONE_ACCOUNT = {
  region: 'eu-west-1',
  otherRegions: ['us-east-1'],
  slack: { teamId: 'T0OURS', appId: 'A0OURS' },
}
const CONFIG = {
  ...DEFAULT_CONFIG,
  protected: ['arn:aws:iam::*:role/break-glass*'],
  approversPath: '/approvers/',
}

export const ORGANIZATION = {
  id: 'o-abc1234567',
  hubAccountId: '111122223333',
  identityCenter: { accountId: '999999999999', region: 'eu-central-1' },
}

/** Settings with which every call of a function is possible. */
export const EVERY_OPINION = { secondOpinion: { accessAnalyzer: true, policySimulator: true } }

const made = new Map<string, Deployed>()

/** The same settings are synthesized once. */
export function deploy(settings: { readonly [name: string]: unknown } = {}, config: Partial<Config> = {}): Deployed {
  const key = JSON.stringify([settings, config])
  const deployed = made.get(key) ?? synthesized(settings, config)
  made.set(key, deployed)
  return deployed
}

function synthesized(settings: { readonly [name: string]: unknown }, config: Partial<Config>): Deployed {
  const outdir = mkdtempSync(join(tmpdir(), 'rolemedic-synth-'))
  const bundle = mkdtempSync(join(tmpdir(), 'rolemedic-bundle-'))
  writeFileSync(join(bundle, 'index.mjs'), 'export const handler = async () => {}\n')
  const bundles = Object.fromEntries(FUNCTIONS.map(name => [name, bundle])) as Bundles
  const { app } = rolemedic(
    {
      settings: parseSettings({ ...ONE_ACCOUNT, ...settings }, 'test'),
      config: { ...CONFIG, ...config },
      configDigest: 'sha256:test',
      bundles,
      version: '0.0.0-test',
    },
    { outdir },
  )
  // cdk-nag runs here. A finding that is not acknowledged stops the synthesis.
  const { stacks } = app.synth()
  return {
    templates: Object.fromEntries(stacks.map(stack => [stack.stackName, stack.template as Template])),
    order: stacks.map(({ stackName }) => stackName),
    protectedStacks: stacks.filter(stack => stack.terminationProtection === true).map(stack => stack.stackName),
    bytes: Object.fromEntries(stacks.map(stack => [stack.stackName, statSync(stack.templateFullPath).size])),
  }
}

export function resources(deployed: Deployed, type: string, stack?: string): readonly Resource[] {
  return named(deployed, type, stack).map(([, resource]) => resource)
}

export function named(deployed: Deployed, type: string, stack?: string): readonly (readonly [string, Resource])[] {
  return Object.entries(deployed.templates)
    .filter(([name]) => stack === undefined || name === stack)
    .flatMap(([, { Resources }]) => Object.entries(Resources))
    .filter(([, { Type }]) => Type === type)
}
