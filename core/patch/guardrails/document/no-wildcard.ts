import { list, type Statement } from '../../../iam/index.ts'
import { addedStatements } from '../../document-diff.ts'
import { type Guardrail, PASS, refuse } from '../guardrail.ts'

const isWild = (text: string): boolean => /[*?]|\$\{/.test(text)

/** Allows only exact actions and ARNs, and the patterns of approved role sets. */
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
        return 'a statement with NotAction, NotResource, NotPrincipal or another effect than Allow'
      return (
        list(Action).find(isWild) ?? list(Resource).find(resource => isWild(resource) && !approved.includes(resource))
      )
    }
    const found = addedStatements(patch.changes)
      .map(({ statement }) => wild(statement))
      .find(text => text !== undefined)
    return found === undefined ? PASS : refuse(`The patch contains ${found}, which allows more than this denial needs.`)
  },
}
