import { readdirSync, readFileSync } from 'node:fs'
import { join, relative, resolve } from 'node:path'
import { describe, expect, it } from 'vitest'

/** Descriptors contain everything specific to an action, so that a new action misses no comparison elsewhere. */

const root = resolve(import.meta.dirname, '..')

/** Condition keys whose names begin like an action. */
const CONDITION_KEYS =
  /(?:iam|sts):(?:PassedToService|AWSServiceName|AssociatedResourceArn|ResourceTag|PermissionsBoundary|ExternalId|RoleSessionName|SourceIdentity|TransitiveTagKeys|RequestContext|RequestContextProviders)(?![A-Za-z])/gi

const OPERATIONS =
  'AssumeRole|AssumeRoleWithWebIdentity|AssumeRoleWithSAML|AssumeRoot|PassRole|TagSession|SetSourceIdentity|SetContext|CreateServiceLinkedRole'
const LITERAL = `['"\`](?:(?:iam|sts):[A-Za-z*]*|${OPERATIONS})['"\`]`
const METHODS =
  'startsWith|endsWith|includes|indexOf|lastIndexOf|match|matchAll|search|has|get|localeCompare|split|replace|test|exec'

const COMPARISONS: readonly (readonly [what: string, pattern: string])[] = [
  ['is compared', `(?:[=!]==?\\s*${LITERAL}|${LITERAL}\\s*[=!]==?)`],
  ['is a case', `\\bcase\\s+${LITERAL}`],
  ['is an argument of a test', `\\.(?:${METHODS})\\(\\s*['"\`/]?\\^?\\(?(?:(?:iam|sts):|${LITERAL})`],
  ['is a key of a table', `(?<!\\?\\s*)(?<=[{,]\\s*)${LITERAL}\\s*:`],
  [
    'is in a list that is searched',
    `\\[[^\\][]*${LITERAL}[^\\][]*\\]\\s*\\.(?:includes|some|find|indexOf|every|filter)`,
  ],
  [
    'is in a regular expression',
    `(?<=[=(,:!&|?>[{]\\s*)/(?![*/])(?:[^/\\n\\\\]|\\\\.)*(?:(?<![:\\w])(?:iam|sts):(?![:{])|${OPERATIONS})(?:[^/\\n\\\\]|\\\\.)*/`,
  ],
]

/** Files that name an action for another reason. */
const EXCEPTIONS: readonly string[] = [
  // Labels of a role argument in tools' output, such as "AssumeRole for role …".
  'core/denial/message/text-hints.ts',
  // Keywords of AWS's texts, such as "calling the AssumeRole operation".
  'core/denial/logs/denials-in-log.ts',
  // Names of IAM's own writes, such as UpdateAssumeRolePolicy.
  'core/timeline/effects.ts',
  // Sentences of tools that hold the name of an operation.
  ...['mfa', 'saml', 'services'].map(family => `core/denial/hints/${family}.ts`),
]

function comparisonsIn(source: string): readonly string[] {
  const code = source
    .replace(/\/\*[\s\S]*?\*\//g, '')
    .replace(/(^|\s)\/\/.*$/gm, '')
    .replace(CONDITION_KEYS, 'key')
  return COMPARISONS.flatMap(([what, pattern]) =>
    [...code.matchAll(new RegExp(pattern, 'gi'))].map(([text]) => `${text.trim()} ${what}`),
  )
}

const sources = ['core', 'iac', 'functions', 'cli', 'simulator', 'infra'].flatMap(folder =>
  readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter(entry => entry.isFile() && entry.name.endsWith('.ts'))
    .map(entry => relative(root, join(entry.parentPath, entry.name)).replaceAll('\\', '/'))
    .filter(file => !file.startsWith('core/actions/') && !EXCEPTIONS.includes(file)),
)

describe('the name of an action', () => {
  it.each(sources)('is compared with nothing in %s', file => {
    expect(comparisonsIn(readFileSync(join(root, file), 'utf8'))).toEqual([])
  })

  it.each([
    "if (denial.action === 'iam:PassRole') return null",
    "if ('sts:AssumeRole' !== action) return null",
    "return action.toLowerCase() == 'iam:passrole'",
    "switch (action) {\n    case 'sts:TagSession':\n",
    "action.startsWith('sts:')",
    'action.startsWith("sts:assumerole")',
    "actions.includes('sts:SetSourceIdentity')",
    'const side = /^sts:(TagSession|SetSourceIdentity)$/i.test(action)',
    'const both = actions.every(action => /^iam:(passrole|getrole)$/i.test(action))',
    "['sts:TagSession', 'sts:SetContext'].includes(action)",
    "const sides = { 'sts:AssumeRole': 'trust', 'iam:PassRole': 'identity' }",
    "record.eventName === 'AssumeRoleWithSAML'",
    'const call = action.match(/AssumeRole\\w*/)',
    "const trust = action.split('sts:')",
  ])('is found in: %s', line => {
    expect(comparisonsIn(line)).not.toEqual([])
  })

  it.each([
    "{ Effect: 'Allow', Action: 'sts:AssumeRole' }",
    "const READS = ['iam:GetRole', 'sts:AssumeRole']",
    "return document === null ? 'iam:DeleteRolePolicy' : 'iam:PutRolePolicy'",
    "if (key.toLowerCase() === 'iam:passedtoservice') return null",
    "ask(first, 'iam:GetRole', () => iam.send(command))",
    "// action === 'iam:PassRole' was asked here",
    'count(`iam:passedtoservice`)',
  ])('are allowed in: %s', line => {
    expect(comparisonsIn(line)).toEqual([])
  })
})
