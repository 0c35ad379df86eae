import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { DenialReason } from '../../core/denial/denial.ts'

/** One published denial or similar text: the input, and what its publisher's table says about it. Empty cells say nothing. */
export type Row = {
  readonly name: string
  /** The first 12 hex digits of the SHA-256 of the message or file name, by which the expectation file refers to a row. */
  readonly key: string
  readonly input:
    | { readonly kind: 'record'; readonly record: unknown }
    | { readonly kind: 'message'; readonly text: string }
  /** A complete record, as CloudTrail sends it through EventBridge. */
  readonly file: boolean
  readonly isTarget: boolean
  readonly action: string
  readonly principal: string
  readonly resource: string
  readonly reason: string
}

const OUR_ACTIONS = [
  'iam:PassRole',
  'sts:AssumeRole',
  'sts:AssumeRoleWithWebIdentity',
  'sts:AssumeRoleWithSAML',
  'sts:TagSession',
  'sts:SetSourceIdentity',
  'sts:SetContext',
  'iam:CreateServiceLinkedRole',
  'sts:AssumeRoot',
]

/** The corpus's names of reasons, where they differ from the product's. */
const REASONS: { readonly [theirs: string]: DenialReason } = {
  'no-session': 'no-session-policy',
  'no-vpce': 'no-vpce-policy',
  'explicit-deny-unspecified': 'explicit-deny',
  'explicit-deny-identity-policy': 'explicit-deny-identity',
  'explicit-deny-trust-policy': 'explicit-deny-trust',
  'explicit-deny-resource-policy': 'explicit-deny-resource',
  'cross-account-passrole': 'cross-account-pass-role',
}

/** The corpus names this service as its message does; the product uses the service principal. */
const SERVICES: { readonly [theirs: string]: string } = { CodeBuild: 'codebuild.amazonaws.com' }

/** The records of `events/`, by its index. The index and the folder must list the same files. */
export function recordRows(corpus: string): readonly Row[] {
  const folder = join(corpus, 'events')
  const lines = tsv(join(folder, 'index.tsv'))
  const listed = lines.map(([file = '']) => file).sort()
  const present = readdirSync(folder)
    .filter(file => file.endsWith('.json'))
    .sort()
  if (JSON.stringify(listed) !== JSON.stringify(present)) throw new Error(`${folder}: the index and the files differ`)
  return lines.map(cells => {
    const [file = '', , , , principal = '', , action = '', resource = '', reason = '', isTarget = ''] = cells
    if (isTarget !== 'true' && isTarget !== 'false') throw new Error(`${file}: is_target is ${isTarget}`)
    return {
      name: file,
      key: keyOf(file),
      file: true,
      input: { kind: 'record', record: JSON.parse(readFileSync(join(folder, file), 'utf8')) },
      isTarget: isTarget === 'true',
      ...published({ action, principal, resource, reason }),
    }
  })
}

/**
 * The texts of `messages.tsv`. The table has no is_target column: a row is a target if its action is one of the product's, or
 * if it has one of the two forms without an action. Denials of web identities and SAML have no words, so those rows are read as
 * a record with the source, name and code of the table.
 */
export function messageRows(corpus: string): readonly Row[] {
  return tsv(join(corpus, 'messages.tsv')).map(cells => {
    const [text = '', eventSource, eventName = '', errorCode, action = '', principal = '', resource = '', reason = ''] =
      cells
    const federated = eventName === 'AssumeRoleWithWebIdentity' || eventName === 'AssumeRoleWithSAML'
    const record = { eventSource, eventName, errorCode, errorMessage: text }
    const value = published({ action, principal, resource, reason })
    return {
      name: text.slice(0, 160),
      key: keyOf(text),
      file: false,
      input: federated ? { kind: 'record', record } : { kind: 'message', text },
      isTarget:
        OUR_ACTIONS.includes(action) || ['cross-account-pass-role', 'root-cannot-assume'].includes(value.reason),
      ...value,
    }
  })
}

function published(row: { action: string; principal: string; resource: string; reason: string }) {
  const [theirs = ''] = row.reason.split('+')
  return { ...row, principal: SERVICES[row.principal] ?? row.principal, reason: REASONS[theirs] ?? theirs }
}

function tsv(file: string): readonly (readonly string[])[] {
  const [, ...lines] = readFileSync(file, 'utf8').split('\n')
  return lines.filter(line => line.trim() !== '').map(line => line.split('\t'))
}

function keyOf(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 12)
}
