/** Which files of a repository rolemedic may read and edit. */
import { never } from '../../core/base/index.ts'
import { matchesGlob } from '../../core/iam/index.ts'
import type { CodeKind } from './code-kinds.ts'
import type { Repository } from './repository-of.ts'

/** True for a code file of this kind within the configured paths that nothing runs automatically. */
export function isCodePath(path: string, { paths, kind }: Pick<Repository, 'paths' | 'kind'>): boolean {
  return isPlain(path) && isOfKind(path, kind) && !isRefused(path) && paths.some(glob => matchesPath(glob, path))
}

const MAX_PATH_CHARS = 1_000

/** A path as a host lists it: relative, inside the repository, and not one of Git's own files. */
function isPlain(path: string): boolean {
  if (path.length > MAX_PATH_CHARS || /[\\\p{Cc}\p{Cf}]/u.test(path)) return false
  return path.split('/').every(part => part !== '' && part !== '.' && part !== '..' && part.toLowerCase() !== '.git')
}

function isOfKind(path: string, kind: CodeKind): boolean {
  switch (kind) {
    case 'terraform':
      // Values, JSON documents and Terragrunt decide the meaning of the code.
      return /\.(tf|tofu|tfvars|json)$|(^|\/)terragrunt\.hcl$/i.test(path)
    case 'cloudformation':
    case 'sam':
      return /\.(ya?ml|json|template)$/i.test(path)
    case 'cdk-typescript':
      return (/\.ts$/i.test(path) && !/\.d\.ts$/i.test(path)) || isAssembly(path)
    case 'cdk-python':
      return /\.py$/i.test(path) || isAssembly(path)
    default:
      return never(kind)
  }
}

/** The output of the CDK shows which construct makes a role. It is read and never edited. */
const isAssembly = (path: string): boolean => /(^|\/)cdk\.out\/.*\.template\.json$/i.test(path)

/** Files that a CI system, a package manager or the host runs or obeys. An edit would run code with the permissions of the pipeline. */
const REFUSED_FOLDERS = [
  '.github',
  '.gitlab',
  '.circleci',
  '.buildkite',
  '.azure-pipelines',
  '.azuredevops',
  '.codebuild',
  '.codecatalyst',
  '.drone',
  '.harness',
  '.husky',
  '.teamcity',
  '.tekton',
  '.woodpecker',
  'node_modules',
]
const REFUSED_FILES =
  /^(.*\.)?(gitlab-ci|azure-pipelines|bitbucket-pipelines|appveyor|buildspec|cloudbuild|jenkins-x)([-.][\w.-]*)?\.(ya?ml|json)$|^\.(drone|travis|woodpecker|pre-commit-config|pre-commit-hooks)\.ya?ml$|^(buildspec|atlantis|codefresh|taskfile|docker-compose)[\w.-]*\.ya?ml$|^(compose|action)\.ya?ml$|^(package|package-lock|composer|deno|tsconfig|cdk|nx|lerna|turbo)\.json$|^(setup|conftest|noxfile|fabfile|tasks)\.py$/i

function isRefused(path: string): boolean {
  const parts = path.split('/')
  const file = parts.at(-1) ?? ''
  return parts.slice(0, -1).some(part => REFUSED_FOLDERS.includes(part.toLowerCase())) || REFUSED_FILES.test(file)
}

/** `*` and `?` match within a folder; `**` matches any number of folders, including none. */
export function matchesPath(glob: string, path: string): boolean {
  const globs = glob.split('/')
  const parts = path.split('/')
  // The globs that each part can reach: at most globs × parts steps.
  let reached = afterAny(globs, new Set([0]))
  for (const part of parts) {
    const next = new Set<number>()
    for (const at of reached) {
      const wanted = globs[at]
      if (wanted === undefined) continue
      if (wanted === '**') next.add(at)
      else if (matchesGlob(wanted, part)) next.add(at + 1)
    }
    reached = afterAny(globs, next)
  }
  return reached.has(globs.length)
}

/** Adds the positions after `**`, which may match nothing. */
function afterAny(globs: readonly string[], reached: Set<number>): Set<number> {
  for (const at of reached) if (globs[at] === '**') reached.add(at + 1)
  return reached
}
