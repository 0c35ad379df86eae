import { list, type Statement } from '../../../iam/policy/policy-document.ts'
import { addedStatements } from '../../document-diff.ts'
import { exactEntity } from '../../drafting/exact-names.ts'
import { changesTrust } from '../../patch.ts'
import { type Guardrail, PASS, refuse } from '../guardrail.ts'

/** Trust for one role or user ARN, or for the service that was denied: never for an account, session, provider or everybody. */
export const exactTrustPrincipal: Guardrail = {
  id: 'exact-trust-principal',
  check: ({ patch, denial }) => {
    const trust = patch.changes.filter(changesTrust)
    const service = denial.principal.kind === 'service' ? denial.principal.name : null
    const open = addedStatements(trust).find(
      ({ statement }) => !namesOneEntity(statement) && !(service !== null && namesService(statement, service)),
    )
    return open === undefined ? PASS : refuse('The patch trusts more than the one principal that was denied.')
  },
}

function namesOneEntity({ Principal }: Statement): boolean {
  if (Principal === undefined || Principal === '*' || Object.keys(Principal).join() !== 'AWS') return false
  const names = list(Principal['AWS'])
  return names.length === 1 && exactEntity(names[0] ?? null) !== null
}

function namesService({ Principal }: Statement, service: string): boolean {
  if (Principal === undefined || Principal === '*' || Object.keys(Principal).join() !== 'Service') return false
  const names = list(Principal['Service'])
  return names.length === 1 && names[0] === service
}
