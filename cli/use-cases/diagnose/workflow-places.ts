/** Where in the checkout that a command runs in a job asks for AWS credentials: the file and line that a hint is about. */
import { type Hint, type HintSubject, hintStep } from '../../../core/denial/index.ts'
import type { UseCaseWorld } from '../world.ts'

const GITHUB_FOLDER = '.github/workflows'
const GITLAB_FILE = '.gitlab-ci.yml'
const MAX_FILES = 50
const MAX_FILE_CHARS = 200_000
const MAX_PLACES = 3

/** Hints whose cause is usually in the workflow. */
const SUBJECTS: readonly HintSubject[] = [
  'id-token-permission',
  'audience',
  'no-oidc-provider',
  'expired-token',
  'session-duration',
  'sts-request',
  'no-credentials',
]

const ASKS =
  /uses:\s*["']?aws-actions\/configure-aws-credentials@|^\s*id_tokens:|assume-role-with-web-identity|^\s*role-to-assume:/
const TOKEN_PERMISSION = /^\s*id-token:\s*["']?write\b|^\s*permissions:\s*["']?write-all\b/m

type Place = { readonly file: string; readonly line: number; readonly mayAskForToken: boolean }

/** Each hint with its place as the first step; as it is where the checkout has none. */
export async function withWorkflowPlaces(
  hints: readonly Hint[],
  world: Pick<UseCaseWorld, 'fileNames' | 'readFile' | 'allows'>,
): Promise<readonly Hint[]> {
  if (!hints.some(({ subject }) => SUBJECTS.includes(subject))) return hints
  const places = await placesIn(world)
  if (places.length === 0) return hints
  return hints.map(hint =>
    SUBJECTS.includes(hint.subject) ? { ...hint, next: [placeStep(hint, places), ...hint.next] } : hint,
  )
}

function placeStep({ subject }: Hint, all: readonly Place[]) {
  const lacking = all.filter(({ mayAskForToken, file }) => !mayAskForToken && file !== GITLAB_FILE)
  const isPermission = subject === 'id-token-permission' && lacking.length > 0
  const places = isPermission ? lacking : all
  const shown = places.slice(0, MAX_PLACES).map(({ file, line }) => `${file}:${line}`)
  const more = places.length > MAX_PLACES ? ` and ${places.length - MAX_PLACES} more` : ''
  const where = `${shown.join(', ')}${more}`
  return hintStep(
    isPermission
      ? `Add permissions: id-token: write to the job at ${where}: the file has no such line.`
      : `See the step that asks for AWS credentials: ${where}.`,
  )
}

async function placesIn(world: Pick<UseCaseWorld, 'fileNames' | 'readFile' | 'allows'>): Promise<readonly Place[]> {
  const workflows = (await world.fileNames(GITHUB_FOLDER)).filter(name => /\.ya?ml$/.test(name)).slice(0, MAX_FILES)
  const files = [...workflows.map(name => `${GITHUB_FOLDER}/${name}`), GITLAB_FILE]
  const places: Place[] = []
  for (const file of files) {
    if (world.allows?.(file) === false) continue
    // Most checkouts have one of the two.
    const text = await world.readFile(file).then(
      read => read.slice(0, MAX_FILE_CHARS),
      () => '',
    )
    const mayAskForToken = TOKEN_PERMISSION.test(text)
    const lines = text.split('\n')
    const asking = lines.flatMap((line, index) => (ASKS.test(line) ? [index + 1] : []))
    const steps = asking.filter((line, index) => index === 0 || line - (asking[index - 1] ?? 0) > NEAR_LINES)
    places.push(...steps.map(line => ({ file, line, mayAskForToken })))
  }
  return places
}

/** `uses` and `role-to-assume` of one step. */
const NEAR_LINES = 8
