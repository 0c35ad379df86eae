import { ABSENT, found, known, type Read, unknown } from '../../core/base/fact.ts'
import { fail, ok } from '../../core/base/result.ts'
import type { Denial } from '../../core/denial/denial.ts'
import type { Identity, Role } from '../../core/iam/evaluation/access-snapshot.ts'
import type { PolicyDocument } from '../../core/iam/policy/policy-document.ts'
import type { Target } from '../../core/patch/patch.ts'
import type { VerifiedPatch } from '../../core/patch/verification/verification.ts'
import type { PlannedWrite, Proposal } from '../../functions/domain/proposal/proposal.ts'
import type { PolicyWriter, WriteFailure } from '../../functions/ports/writing/policy-writer.ts'
import type { Analysis } from '../../functions/workflows/denial/analyze-denial.ts'

export type MemoryIam = PolicyWriter & {
  readonly documents: Map<string, PolicyDocument>
  /** Every write, in order. */
  readonly writes: PlannedWrite[]
  /** By target: the answers of the next writes, which then do not happen. */
  readonly refusals: Map<string, WriteFailure>
  readonly unreadable: Map<string, string>
  /** Runs after a write and before any read, to simulate another administrator. */
  afterWrite: ((target: Target) => void) | null
}

export const keyOf = ({ kind, arn, policyName }: Target) => `${kind} ${arn} ${policyName ?? ''}`.trim()

/** The policies of a few entities, with IAM's reads and writes. */
export function memoryIam(): MemoryIam {
  const iam: MemoryIam = {
    documents: new Map(),
    writes: [],
    refusals: new Map(),
    unreadable: new Map(),
    afterWrite: null,
    async read(target): Promise<Read<PolicyDocument>> {
      const why = iam.unreadable.get(keyOf(target))
      if (why !== undefined) return { kind: 'unreadable', why }
      const document = iam.documents.get(keyOf(target))
      return document === undefined ? ABSENT : found(structuredClone(document))
    },
    async write(target, document) {
      const refusal = iam.refusals.get(keyOf(target))
      if (refusal !== undefined) return fail(refusal)
      const before = iam.documents.get(keyOf(target)) ?? null
      iam.writes.push({ target, before, after: document })
      if (document === null) iam.documents.delete(keyOf(target))
      else iam.documents.set(keyOf(target), structuredClone(document))
      iam.afterWrite?.(target)
      return ok({ requestIds: [`request-${iam.writes.length}`] })
    },
  }
  return iam
}

/** An analysis that confirms the proposal's own patch, as long as its documents in this IAM are unchanged. */
export function analysisOf(proposal: Proposal, iam: MemoryIam): Analysis {
  const { denial, diagnosis, patch, requester, verification } = proposal
  const snapshot = {
    caller: found(identity(denial, iam)),
    targets: [{ arn: denial.resource ?? '', role: found(taskRole(iam)), near: known([]) }],
    organization: known({ id: null, managementAccountId: null }),
    scps: unknown('not read'),
    rcps: unknown('not read'),
    session: unknown('not read'),
    vpce: unknown('not read'),
  }
  const none = { denial, snapshot, diagnosis, requester, withdrawn: [], followUps: [], handOver: null }
  const stands = (patch?.changes ?? []).every(({ target, before }) => {
    const now = iam.documents.get(keyOf(target)) ?? null
    return JSON.stringify(now) === JSON.stringify(before)
  })
  return stands && patch !== null && verification !== null
    ? { ...none, patch, verification, verified: { patch, verification } as VerifiedPatch, refusal: null }
    : {
        ...none,
        patch: null,
        verification: null,
        verified: null,
        refusal: { code: 'already-allowed', message: 'the policies allow it now', owner: null },
      }
}

function identity(denial: Denial, iam: MemoryIam): Identity {
  const arn = denial.principal.roleArn ?? ''
  const start = `role-inline-policy ${arn} `
  return {
    ...entity(arn, 'deployer'),
    policies: [...iam.documents]
      .filter(([key]) => key.startsWith(start))
      .map(([key, document]) => ({
        type: 'identity',
        name: key.slice(start.length),
        arn: null,
        attachedTo: arn,
        document,
      })),
  }
}

function taskRole(iam: MemoryIam): Role {
  const arn = 'arn:aws:iam::111122223333:role/app-task'
  const trust = iam.documents.get(`role-trust-policy ${arn}`) ?? { Version: '2012-10-17', Statement: [] }
  return { ...entity(arn, 'app-task'), policies: [], trust: known(trust) }
}

const entity = (arn: string, name: string) => ({
  kind: 'role' as const,
  arn,
  accountId: '111122223333',
  name,
  path: '/',
  uniqueId: null,
  tags: {},
  unseen: [],
  boundary: ABSENT,
})
