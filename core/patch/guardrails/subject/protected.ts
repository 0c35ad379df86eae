import { globMeetsPrefix, list, matchesGlob, seenCaller } from '../../../iam/index.ts'
import { addedStatements } from '../../document-diff.ts'
import { type Guardrail, type GuardrailInput, PASS, refuse } from '../guardrail.ts'

const TAG = 'rolemedic:protected'

/** Entities that the configuration or a tag protects. No patch changes, passes or assumes them, alone or as part of a role set. */
export const protectedEntity: Guardrail = {
  id: 'protected',
  check: input => {
    const found = byName(input) ?? byTag(input)
    return found === null
      ? PASS
      : refuse(`${found} is protected from changes by rolemedic.`, 'rolemedic administrators')
  },
}

/** Ignores case, because role names are unique ignoring case. */
function byName({ patch, snapshot, roles, denial, config }: GuardrailInput): string | null {
  const globs = config.protected.map(glob => glob.toLowerCase())
  if (globs.length === 0) return null
  const granted = addedStatements(patch.changes).flatMap(({ statement }) => list(statement.Resource))
  const names = [
    seenCaller(snapshot)?.arn ?? denial.principal.roleArn ?? denial.principal.arn,
    ...roles.map(role => role.arn),
    ...patch.changes.map(change => change.target.arn),
    ...granted,
  ].filter(name => name !== null)
  const matchesAny = (lower: string) =>
    globs.some(glob => (lower.endsWith('*') ? matchesRoleSet(glob, lower.slice(0, -1)) : matchesGlob(glob, lower)))
  const isProtected = (name: string) => matchesAny(name.toLowerCase()) || matchesAny(withoutPath(name.toLowerCase()))
  return names.find(isProtected) ?? null
}

/** Names are unique in an account regardless of path, so a glob without a path matches the name under every path. */
const withoutPath = (arn: string): string => arn.replace(/:(role|user)\/.*\//, ':$1/')

/** True when the glob could match some role of the set. Names contain no colon, so a `*` in the account ends there. */
function matchesRoleSet(glob: string, prefix: string): boolean {
  const [globHead, globName] = headAndName(glob)
  const [head, name] = headAndName(prefix)
  return globName === null
    ? globMeetsPrefix(glob, prefix)
    : matchesGlob(globHead, head) && globMeetsPrefix(globName, name ?? '')
}

function headAndName(text: string): readonly [string, string | null] {
  const parts = text.split(':')
  return parts.length === 6 ? [parts.slice(0, 5).join(':'), parts[5] ?? ''] : [text, null]
}

function byTag({ snapshot, roles }: GuardrailInput): string | null {
  const caller = seenCaller(snapshot)
  const seen = [
    ...(caller === null ? [] : [caller]),
    ...roles.flatMap(({ role }) => (role.kind === 'found' ? [role.value] : [])),
  ]
  return seen.find(entity => Object.keys(entity.tags).some(key => key.toLowerCase() === TAG))?.arn ?? null
}
