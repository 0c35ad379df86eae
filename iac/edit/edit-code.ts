/** Edits the code that owns the role. The result is exact, or a draft with the reason, never a guess. */
import { neutralText, plural } from '../../core/base/index.ts'
import { changesAs, type PolicyChange } from '../../core/patch/index.ts'
import type { CodeKind } from '../repository/index.ts'
import { editCdk } from './cdk/edit-cdk.ts'
import { pythonSnippet } from './cdk/python-snippet.ts'
import { editCloudFormation } from './cloudformation/edit-cloudformation.ts'
import {
  type CodeChange,
  type CodeEdit,
  type CodeHints,
  type EntityHints,
  type LeftOut,
  NO_ENTITY_HINTS,
  NOTHING_LEFT_OUT,
  type SourceFile,
  snippetFormat,
} from './code-change.ts'
import type { Edited, KindEdit } from './kind-edit.ts'
import { mayMakeRoles } from './source-paths.ts'
import type { Parsers } from './syntax-node.ts'
import { editTerraform } from './terraform/edit-terraform.ts'

type Editor = (change: PolicyChange, files: readonly SourceFile[], hints: EntityHints, parsers: Parsers) => KindEdit

const EDITORS: readonly { readonly kinds: readonly CodeKind[]; readonly edit: Editor }[] = [
  { kinds: ['terraform'], edit: editTerraform },
  { kinds: ['cloudformation', 'sam'], edit: editCloudFormation },
  { kinds: ['cdk-typescript'], edit: (...given) => editCdk('typescript', ...given) },
  { kinds: ['cdk-python'], edit: (...given) => editCdk('python', ...given) },
]

/**
 * Edits a repository for `changes`, which are those of one patch that the repository owns. Either all of them become edits or
 * none. Edits nothing if code was not read.
 */
export function editCode(
  changes: readonly PolicyChange[],
  files: readonly SourceFile[],
  hints: CodeHints,
  parsers: Parsers,
  leftOut: LeftOut = NOTHING_LEFT_OUT,
): CodeChange {
  const read = files.filter(({ text }) => text.length <= MAX_CHARS).slice(0, MAX_FILES)
  const within = new Set(read)
  const unread = [...leftOut.paths, ...files.filter(file => !within.has(file)).map(({ path }) => path)]
  const draft = (kind: CodeKind | null, reason: string): CodeChange => ({
    outcome: 'draft',
    snippet: changes.length === 0 ? null : snippetOf(kind ?? codeKindOf(files) ?? 'terraform', changes),
    reason: sentence(reason),
  })
  if (changes.length === 0) return draft(null, 'there is no change')
  let after: readonly SourceFile[] = read
  const edited: Edited[] = []
  const present: string[] = []
  for (const change of changes) {
    const outcome = editOne(change, after, hints, parsers)
    if (outcome.edited === null) return draft(outcome.kind, outcome.reason)
    const { kind, broken } = outcome.edited
    const hiding = [
      ...broken,
      ...unread.filter(path => kindsOf(hints.kind).some(one => mayMakeRoles(path, one))),
      ...(leftOut.folders ?? []),
    ]
    if (hiding.length > 0) return draft(kind, mayHide(change.target.name, hiding))
    if (leftOut.isCut) return draft(kind, TOO_MANY)
    const linked = read.find(({ isLinked, text }, at) => isLinked && outcome.edited.files[at]?.text !== text)
    if (linked !== undefined)
      return draft(
        kind,
        `${linked.path} is shared by a link, so that other folders would get the change: make it by hand`,
      )
    if (outcome.edited.present === null) edited.push(outcome.edited)
    else present.push(...outcome.edited.present)
    after = outcome.edited.files
  }
  if (edited.length === 0) return { outcome: 'present', reason: sentence(presentReason(present)) }
  return { outcome: 'exact', edits: editsBetween(read, after, edited) }
}

function presentReason(places: readonly string[]): string {
  const [first = '', ...more] = new Set(places)
  const others = more.length === 0 ? '' : ` and ${more.length === 1 ? more[0] : plural(more.length, 'other place')}`
  return `the code grants it already, in ${first}${others}: deploy it`
}

const TOO_MANY =
  'there are more files than rolemedic reads, so that another one may make the role too: name the folder of its code'

const mayHide = (name: string, paths: readonly string[]): string =>
  `${paths.slice(0, 5).join(', ')}${paths.length > 5 ? ` and ${paths.length - 5} more` : ''} could not be read, and may make ${name} too or decide its values: repair the code, or name the folder that makes it`

const kindsOf = (kind: CodeKind | null): readonly CodeKind[] =>
  EDITORS.flatMap(({ kinds }) => (kind === null || kinds.includes(kind) ? kinds : []))

/** Larger files contain data. The configuration limits a larger repository by `paths`. */
/**
 * The length of the longest template that CloudFormation accepts.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html
 */
export const MAX_CHARS = 1_048_576
export const MAX_FILES = 20_000

type Outcome =
  | { readonly edited: Edited }
  | { readonly edited: null; readonly kind: CodeKind | null; readonly reason: string }

function editOne(change: PolicyChange, files: readonly SourceFile[], hints: CodeHints, parsers: Parsers): Outcome {
  const { target } = change
  const entity = hints.entities.get(target.arn) ?? NO_ENTITY_HINTS
  const editors = EDITORS.filter(({ kinds }) => hints.kind === null || kinds.includes(hints.kind))
  const broken: string[] = []
  const found: { readonly kind: CodeKind | null; readonly result: Extract<KindEdit, { found: true }>['result'] }[] = []
  for (const { kinds, edit } of editors) {
    const outcome = edit(change, files, entity, parsers)
    if (outcome.found) found.push({ kind: kinds[0] ?? null, result: outcome.result })
    else broken.push(...outcome.broken)
  }
  const [only, ...more] = found
  if (only === undefined) return { edited: null, kind: hints.kind, reason: notFound(target.name, broken, files) }
  if (more.length > 0)
    return {
      edited: null,
      kind: only.kind,
      reason: `code of several kinds seems to make ${target.name} (${found.map(({ kind }) => kind).join(', ')}): name the kind in the configuration`,
    }
  if (!only.result.ok) return { edited: null, kind: only.kind, reason: only.result.error }
  const { value } = only.result
  return { edited: { ...value, broken: [...value.broken, ...broken] } }
}

function notFound(name: string, broken: readonly string[], files: readonly SourceFile[]): string {
  if (files.length === 0) return 'there is no file to read'
  const unread = broken.length === 0 ? '' : `; ${broken.slice(0, 5).join(', ')} could not be read`
  const other = codeOfOthers(files)
  if (other !== null)
    return `no code that is read here makes ${name}${unread}. ${other.path} is of ${other.tool}, whose code is not read: add the change there if it makes ${name}`
  return `no code here makes ${name}${unread}: add the snippet to the code that does`
}

/** The first file that shows code which is not read. */
function codeOfOthers(files: readonly SourceFile[]): { readonly path: string; readonly tool: string } | null {
  for (const { path, text } of files)
    for (const [name, shows, tool] of OTHER_TOOLS) if (name.test(path) && shows.test(text)) return { path, tool }
  return null
}

const OTHER_TOOLS: readonly (readonly [name: RegExp, shows: RegExp, tool: string])[] = [
  [/(?:^|\/)Pulumi\.ya?ml$/, /^runtime\s*:/m, 'Pulumi'],
  [/(?:^|\/)serverless\.ya?ml$/, /^provider\s*:/m, 'the Serverless Framework'],
  [/(?:^|\/)cdktf\.json$/, /"language"/, 'the CDK for Terraform'],
  [/(?:^|\/)terragrunt\.hcl$/, /^/, 'Terragrunt'],
  [
    /(?:^|\/)cdk\.json$/,
    /"app"\s*:\s*"[^"]*(?:\bmvn\b|\bgradlew?\b|\bgo (?:run|mod)\b|\bdotnet\b|\.jar\b)/,
    'the CDK in another language than TypeScript and Python',
  ],
]

function editsBetween(
  before: readonly SourceFile[],
  after: readonly SourceFile[],
  edited: readonly Edited[],
): readonly CodeEdit[] {
  const addresses = [...new Set(edited.map(({ address }) => address))].join(', ')
  return before.flatMap((file, index) => {
    const now = after[index]
    if (now === undefined || now.text === file.text) return []
    return [
      {
        file: file.path,
        kind: edited[0]?.kind ?? 'terraform',
        address: addresses,
        before: file.text,
        after: now.text,
      },
    ]
  })
}

const snippetOf = (kind: CodeKind, changes: readonly PolicyChange[]): string =>
  kind === 'cdk-python' ? pythonSnippet(changes) : changesAs(snippetFormat(kind), changes)

/** Neutralizes the reason, because it contains names from the repository. */
function sentence(reason: string): string {
  const text = neutralText(reason, 1_000)
  const first = /^[a-z]+ /.test(text) ? text.charAt(0).toUpperCase() : text.charAt(0)
  return `${first}${text.slice(1)}${/[.?]$/.test(text) ? '' : '.'}`
}

export function codeKindOf(files: readonly SourceFile[]): CodeKind | null {
  const has = (pattern: RegExp) => files.some(({ path }) => pattern.test(path))
  if (has(/\.tf$/)) return 'terraform'
  if (has(/(^|\/)cdk\.json$/)) return has(/\.py$/) ? 'cdk-python' : 'cdk-typescript'
  return has(/\.(ya?ml|json|template)$/) ? 'cloudformation' : null
}
