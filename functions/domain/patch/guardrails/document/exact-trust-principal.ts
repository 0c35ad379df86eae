import { list, type Statement } from '../../../iam/policy/policy-document.ts'
import { additions } from '../../additions.ts'
import { exactEntity } from '../../drafting/exact-names.ts'
import { changesTrust } from '../../patch.ts'
import { type Guardrail, PASS, refuse } from '../guardrail.ts'

/** One role or user by its ARN, or the one service that was denied itself: never an account, a session, a provider or everybody. */
export const exactTrustPrincipal: Guardrail = {
  id: 'exact-trust-principal',
  check: ({ patch, denial }) => {
    const trust = patch.changes.filter(changesTrust)
    const service = denial.principal.kind === 'service' ? denial.principal.name : null
    const open = additions(trust).find(
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
