/** What `publish` does with one order, in a process of its own: edits code at the bounds of what it reads. */
import { changeDigest, type DocumentChange, type PolicyChange } from '../../core/patch/index.ts'
import { loadParsers } from '../../functions/adapters/syntax/index.ts'
import { editCode, NO_CODE_HINTS } from '../../iac/edit/index.ts'
import { REPOSITORIES, type RepositoryName, ROLE } from './generated-repository.ts'

const FILES = 400
const ALL_CHARS = 12_000_000

const [, , name] = process.argv
const { file } = REPOSITORIES[name as RepositoryName]
const edit: DocumentChange = {
  target: {
    ...{ kind: 'role-inline-policy', accountId: '111122223333', arn: `arn:aws:iam::111122223333:role/deploy/${ROLE}` },
    ...{ name: ROLE, policyName: 'rolemedic' },
  },
  before: null,
  after: {
    Version: '2012-10-17',
    Statement: [
      {
        ...{ Sid: 'Rolemedic1a2b3c4d', Effect: 'Allow', Action: 'iam:PassRole' },
        Resource: 'arn:aws:iam::111122223333:role/app/orders-task',
      },
    ],
  },
}
const change: PolicyChange = { ...edit, required: true, digest: changeDigest(edit) }

/** As many repeats of the parts as fill the bound, in all files alike. */
const charsOf = (at: number, grow: number) => file(at, FILES, grow).text.length
let all = 0
for (let at = 0; at < FILES; at += 1) all += charsOf(at, 10) / 10
const files = Array.from({ length: FILES }, (_, at) => file(at, FILES, Math.floor(ALL_CHARS / all)))
const chars = files.reduce((sum, { text }) => sum + text.length, 0)
const parsers = await loadParsers()
const before = process.cpuUsage()
const { outcome } = editCode([change], files, NO_CODE_HINTS, parsers)
const { user, system } = process.cpuUsage(before)
process.stdout.write(
  JSON.stringify({
    ...{ outcome, megabytes: chars / 1e6, cpuSeconds: (user + system) / 1e6 },
    peakMegabytes: (process.resourceUsage().maxRSS * 1024) / 1e6,
  }),
)
