import { list, type Statement } from '../../../iam/policy/policy-document.ts'
import { additions } from '../../additions.ts'
import { type Guardrail, PASS, refuse } from '../guardrail.ts'

const isWild = (text: string): boolean => /[*?]|\$\{/.test(text)

/** Whole actions and whole ARNs; the one exception is the pattern of an approved role set. */
export const noWildcard: Guardrail = {
  id: 'no-wildcard',
  check: ({ patch, config }) => {
    const approved = config.approvedRoleSets.map(set => set.pattern)
    const wild = ({
      Action,
      NotAction,
      Resource,
      NotResource,
      NotPrincipal,
      Effect,
    }: Statement): string | undefined => {
      if (Effect !== 'Allow' || NotAction !== undefined || NotResource !== undefined || NotPrincipal !== undefined)
        return 'a statement that allows by exception'
      return (
        list(Action).find(isWild) ?? list(Resource).find(resource => isWild(resource) && !approved.includes(resource))
      )
    }
    const found = additions(patch.changes)
      .map(({ statement }) => wild(statement))
      .find(text => text !== undefined)
    return found === undefined ? PASS : refuse(`The patch contains ${found}, which reaches further than this denial.`)
  },
}
