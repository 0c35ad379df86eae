import type { PolicyDocument } from '../../core/iam/policy/policy-document.ts'
import type { Patch } from '../../core/patch/patch.ts'
import type { ExpectedChange } from '../../test/case-file.ts'

/** One document that a tool proposes to write. */
export type ProposedDocument = {
  /** The role of a trust policy. Null: a policy of the caller. */
  readonly role: string | null
  readonly before: PolicyDocument | null
  readonly after: PolicyDocument
}

export function documentsOfPatch(patch: Patch | null): readonly ProposedDocument[] {
  return (patch?.changes ?? []).map(({ target, before, after }) => ({
    role: target.kind === 'role-trust-policy' ? target.name : null,
    before,
    after,
  }))
}

/** The documents of a label, which lists added and removed statements. */
export function documentsOfLabel(changes: readonly ExpectedChange[]): readonly ProposedDocument[] {
  return changes.map(({ on, adds, drops }) => {
    const [kind, name = ''] = on.split(' ')
    const document = (Statement: unknown) => ({ Version: '2012-10-17', Statement }) as PolicyDocument
    return {
      role: kind === 'role-trust-policy' ? name : null,
      before: drops.length === 0 ? null : document(drops),
      after: document(adds),
    }
  })
}

/** The naive evaluator supports one partition. */
export const inOnePartition = <T>(value: T): T =>
  JSON.parse(JSON.stringify(value).replace(/arn:aws-[a-z-]+:/g, 'arn:aws:')) as T
