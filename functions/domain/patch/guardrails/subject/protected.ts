import { matchesGlob } from '../../../iam/policy/glob.ts'
import { globMeetsPrefix } from '../../../iam/policy/glob-meets-prefix.ts'
import { list } from '../../../iam/policy/policy-document.ts'
import { additions } from '../../additions.ts'
import { callerOf } from '../../drafting/draft-context.ts'
import { type Examined, type Guardrail, PASS, refuse } from '../guardrail.ts'

const TAG = 'rolemedic:protected'

/** Named in the configuration or tagged: never changed, passed or assumed by a patch, alone or within a set. */
export const protectedEntity: Guardrail = {
  id: 'protected',
  check: analyzed => {
    const found = byName(analyzed) ?? byTag(analyzed)
    return found === null ? PASS : refuse(`${found} is protected from changes by this bot.`, 'rolemedic administrators')
  },
}

/** Role names are unique ignoring case, so globs ignore it too. */
function byName({ patch, snapshot, roles, denial, config }: Examined): string | null {
  const globs = config.protected.map(glob => glob.toLowerCase())
  const granted = additions(patch.changes).flatMap(({ statement }) => list(statement.Resource))
  const names = [
    callerOf(snapshot)?.arn ?? denial.principal.roleArn ?? denial.principal.arn,
    ...roles.map(role => role.arn),
    ...patch.changes.map(change => change.target.arn),
    ...granted,
  ].filter(name => name !== null)
  const meetsOne = (lower: string) =>
    globs.some(glob => (lower.endsWith('*') ? meetsSet(glob, lower.slice(0, -1)) : matchesGlob(glob, lower)))
  const meets = (name: string) => meetsOne(name.toLowerCase()) || meetsOne(withoutPath(name.toLowerCase()))
  return names.find(meets) ?? null
}

/** Names are unique in an account whatever their path: a glob that gives none means the name wherever it stands. */
const withoutPath = (arn: string): string => arn.replace(/:(role|user)\/.*\//, ':$1/')

/** Some role of the set may match the glob. No name contains a colon, so that an account's `*` ends with the account. */
function meetsSet(glob: string, prefix: string): boolean {
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

function byTag({ snapshot, roles }: Examined): string | null {
  const caller = callerOf(snapshot)
  const seen = [
    ...(caller === null ? [] : [caller]),
    ...roles.flatMap(({ role }) => (role.kind === 'found' ? [role.value] : [])),
  ]
  return seen.find(entity => Object.keys(entity.tags).some(key => key.toLowerCase() === TAG))?.arn ?? null
}
