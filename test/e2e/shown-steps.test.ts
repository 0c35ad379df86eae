/**
 * Runs the steps of the pages for people who operate the bot: with the AWS CLI (Debian's package) and rolemedic's own command, against
 * the stacks in moto, in a session of the role that each step names. moto judges no policy: `test/infra/operators.ts` evaluates the same
 * steps.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { KEY_USES } from '../../functions/domain/authority/statement.ts'
import { FUNCTIONS } from '../../infra/functions.ts'
import { rollOutFiles } from '../../infra/roll-out.ts'
import { parseSettings } from '../../infra/settings.ts'
import { COMPILED } from '../compiled.ts'
import { deploy, ORGANIZATION } from '../infra/deployment.ts'
import { root } from '../package/installed.ts'
import { type ShownStep, shownSteps } from '../package/shown-commands.ts'
import { startAwsCli } from './aws-cli.ts'
import { type Moto, startMoto } from './moto.ts'
import { stacksInMoto } from './stacks-in-moto.ts'

const HUB = ORGANIZATION.hubAccountId
const PAGES = ['docs/runbooks.md', 'docs/deploy.md', 'docs/upgrade.md']

const steps = PAGES.flatMap(file => shownSteps(root, file))
const ROLES = [...new Set(steps.flatMap(({ role }) => role ?? []))]

/** The first rule that matches counts. What is not run here is still evaluated for its role. */
const NOT_RUN: readonly (readonly [RegExp, string])[] = [
  [/aws cloudtrail lookup-events/, 'moto has no event history'],
  [/aws lambda get-account-settings/, 'moto has no such call'],
  [/detect-stack-drift/, 'moto compares no stack with its template'],
  [/aws cloudformation deploy|npx cdk /, 'moto makes neither stack as it is; test/e2e/released.test.ts creates them'],
  [/-stack-instances|describe-stack-set-operation|activate-organizations/, 'moto makes no instances in units'],
  [/put-resource-policy/, 'moto has no such policy'],
  [/update-stack-set|update-termination-protection/, 'moto has no such call, or answers it with an error of its own'],
  [/rolemedic doctor --live/, 'test/e2e/doctor.test.ts runs it'],
  [/rolemedic canary/, 'test/e2e/canary.test.ts runs it'],
  [/rolemedic revert|rolemedic audit show/, 'needs a grant: test/cli/operate and the tests of the package have one'],
  [/npm run synth|^npm install --global/m, 'a script of package.json, or a package of the registry'],
  [/<the function that ends with apply>/, 'a function of an earlier version'],
]
const whyNotRun = ({ text }: ShownStep): string | undefined => NOT_RUN.find(([pattern]) => pattern.test(text))?.[1]

/** What people put in place of a word in brackets, as the shell sees it. */
const PLACES: readonly (readonly [RegExp, string])[] = [
  [/<AuditBucketName of rolemedic-state>|(?<=s3:\/\/)<bucket>(?=\/audit)|BUCKET\b/g, '$BUCKET'],
  [/<bucket>/g, 'example-rolemedic-code'],
  [/<digest>/g, '*'],
  [/<operator>|<member>/g, 'hub'],
  [/<region[^>]*>/g, 'eu-west-1'],
  [/"<why>"/g, '"incident"'],
  [/<UUID>/g, '$MAPPING'],
  [/<id of the key>/g, '$KEY_ID'],
  [
    /<id of the version with AWSPREVIOUS>/g,
    `$(aws secretsmanager list-secret-version-ids --secret-id rolemedic/slack-signing-secret --query "Versions[?contains(VersionStages, 'AWSPREVIOUS')].VersionId" --output text)`,
  ],
  [/<name or ARN>/g, 'management'],
  [/xoxb-…|(?<=--secret-string )…/g, 'xoxb-1-new'],
  [/(?<=--function-name )…/g, 'rolemedic-sweep'],
  [/p-…/g, 'p-1'],
  [/(?<=match )FILE/g, 'record.json'],
  [/(?<=diagnose )FILE/g, 'record.json --account orders.json'],
]
const filled = (shown: string): string => PLACES.reduce((all, [place, value]) => all.replaceAll(place, value), shown)

/** What is there when the steps are taken. moto's CloudFormation makes no key that signs, and no secret or schedule. */
const SETUP = `
for name in ${FUNCTIONS.join(' ')}; do
  aws logs create-log-stream --log-group-name "/aws/lambda/rolemedic-$name" --log-stream-name one
done
# A message to it would run the function, for which moto starts a container.
aws sqs delete-queue --queue-url "$(aws sqs get-queue-url --queue-name rolemedic-intake --query QueueUrl --output text)"
aws sqs create-queue --queue-name rolemedic-intake
aws sqs create-queue --queue-name rolemedic-forward-dead
for secret in slack-bot-token slack-signing-secret git-hosts; do
  aws secretsmanager create-secret --name "rolemedic/$secret" --secret-string first
  aws secretsmanager put-secret-value --secret-id "rolemedic/$secret" --secret-string second
done
for use in ${KEY_USES.join(' ')}; do
  aws kms update-alias --alias-name "alias/rolemedic-$use" \\
    --target-key-id "$(aws kms create-key --key-spec ECC_NIST_P256 --key-usage SIGN_VERIFY --query KeyMetadata.KeyId --output text)"
done
aws scheduler create-schedule-group --name rolemedic
aws scheduler create-schedule --group-name rolemedic --name rolemedic-heartbeat --schedule-expression 'rate(15 minutes)' \\
  --flexible-time-window Mode=OFF --target Arn=arn:aws:events:eu-west-1:${HUB}:event-bus/default,RoleArn=arn:aws:iam::${HUB}:role/any
aws s3api create-bucket --bucket example-rolemedic-code --create-bucket-configuration LocationConstraint=eu-west-1
aws cloudtrail create-trail --name management --s3-bucket-name example-rolemedic-code --is-multi-region-trail
aws organizations create-organization
for set in roles member; do
  aws cloudformation create-stack-set --stack-set-name "rolemedic-$set" --template-body "file://cdk.out/rolemedic-$set.template.json"
done
cat > values.sh <<END
BUCKET=$(aws s3api list-buckets --query "Buckets[?contains(Name, 'auditbucket')].Name" --output text)
MAPPING=$(aws lambda list-event-source-mappings --function-name rolemedic-verify --query 'EventSourceMappings[0].UUID' --output text)
KEY_ID=$(aws kms describe-key --key-id alias/rolemedic --query KeyMetadata.KeyId --output text)
END
npx rolemedic audit keys --live > keys.json
for role in administrator ${ROLES.join(' ')}; do
  aws sts assume-role --role-arn "arn:aws:iam::${HUB}:role/$role" --role-session-name ada --output text \
    --query "Credentials.['export AWS_ACCESS_KEY_ID=', AccessKeyId, ' AWS_SECRET_ACCESS_KEY=', SecretAccessKey, ' AWS_SESSION_TOKEN=', SessionToken]" \
    | tr -d '\t' > "as-$role.sh"
done
`

let moto: Moto
let folder: string
let env: NodeJS.ProcessEnv
let cli: ChildProcess

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'rolemedic-steps-'))
  const file = (path: string, content: string) => {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), content, { mode: 0o755 })
  }
  // The checkout's own, as `npx` finds it there.
  file('bin/npx', `#!/bin/sh\nshift\nexec ${process.execPath} ${root}/cli/main.ts "$@"\n`)
  moto = await startMoto({ accountId: HUB })
  const settings = {
    ...{ region: 'eu-west-1', slack: { appId: 'A0OURS', teamId: 'T0OURS' }, organization: ORGANIZATION },
  }
  const { templates } = deploy(settings)
  for (const name of ['rolemedic-roles', 'rolemedic-member'])
    file(`cdk.out/${name}.template.json`, JSON.stringify(templates[name]))
  for (const [name, content] of Object.entries(rollOutFiles(parseSettings(settings, 'test'), 'cdk.out')))
    file(`cdk.out/${name}`, content)
  file('functions/write-0.1.0.zip', 'any')
  file('rolemedic.config.json', '{ "channel": "C04RELEASES", "approvers": { "users": ["U02ANNA7K", "U03BEN4TQ"] } }')
  file('my.deploy.json', JSON.stringify(settings))
  cpSync(join(root, 'events/trails'), join(folder, 'trail'), { recursive: true })
  cpSync(join(root, 'events/lambda-create-function.json'), join(folder, 'record.json'))
  cpSync(join(root, 'events/accounts/orders-dev.json'), join(folder, 'orders.json'))
  const { AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN } = moto.env
  file(
    'credentials',
    `[hub]\naws_access_key_id=${AWS_ACCESS_KEY_ID}\naws_secret_access_key=${AWS_SECRET_ACCESS_KEY}\naws_session_token=${AWS_SESSION_TOKEN}\n`,
  )
  file('config', '[profile hub]\nregion=eu-west-1\n')
  await stacksInMoto(moto.client, HUB, templates, {})
  env = {
    ...{ HOME: folder, PATH: `${join(folder, 'bin')}:/usr/bin:/bin`, AWS_PAGER: '', NO_COLOR: '1' },
    ...COMPILED,
    ...{
      ...moto.env,
      AWS_CONFIG_FILE: join(folder, 'config'),
      AWS_SHARED_CREDENTIALS_FILE: join(folder, 'credentials'),
    },
  }
  cli = await startAwsCli(join(folder, 'bin'))
  await shell(SETUP)
})
afterAll(async () => {
  cli.kill()
  await moto.stop()
  rmSync(folder, { recursive: true, force: true })
})

async function shell(script: string, cwd = folder): Promise<string> {
  const bash = spawn('/bin/bash', ['-euc', script], { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] })
  const [out, err, [code]] = await Promise.all([text(bash.stdout), text(bash.stderr), once(bash, 'exit')])
  if (code !== 0) throw new Error(`exit code ${code}: ${err.trim()}\n${out.trim()}`)
  return out
}

/** Takes on the role, then does what the step says. A section shares its variables. */
function scriptOf(steps: readonly ShownStep[]): string {
  const lines = steps.flatMap(step => [
    `echo ${JSON.stringify(`step: ${step.text.split('\n').find(line => !line.startsWith('#'))}`).replaceAll(/[$`]/g, '')} >&2`,
    `. ./as-${step.role ?? 'administrator'}.sh`,
    filled(step.text),
  ])
  return ['. ./values.sh', ...lines].join('\n')
}

const sections = [...Map.groupBy(steps, ({ file, section }) => `${file}: ${section}`)].map(
  ([title, all]) => [title, all.filter(step => whyNotRun(step) === undefined)] as const,
)
/** The others are taken while the bot is there. */
const isLast = (title: string) => title.endsWith('Uninstalling')

describe.concurrent('the steps of a section', () => {
  const taken = sections.filter(([title, own]) => own.length > 0 && !isLast(title))
  // Steps of two sections write a file of the same name.
  it.each(taken)('%s', async (_, own) => {
    const copy = mkdtempSync(`${folder}-`)
    cpSync(folder, copy, { recursive: true })
    await shell(scriptOf(own), copy)
    rmSync(copy, { recursive: true })
  })
})

describe('the steps of the pages', () => {
  it('also uninstall', async () => {
    for (const [, own] of sections.filter(([title]) => isLast(title))) await shell(scriptOf(own))
  })

  it('are taken but for those that say why not, and no reason is left over', () => {
    expect(NOT_RUN.filter(([pattern]) => !steps.some(step => pattern.test(step.text))).map(([, why]) => why)).toEqual(
      [],
    )
    expect(steps.filter(step => whyNotRun(step) === undefined).length).toBeGreaterThan(70)
  })

  it('would fail with a command that does not exist, and with a thing that is not there', async () => {
    const step = (text: string) => ({ file: '', section: '', role: null, text })
    await expect(shell(scriptOf([step('aws sqs purge-queues --queue-url any')]))).rejects.toThrow('exit code 252')
    await expect(shell(scriptOf([step('aws events describe-rule --name rolemedic-gone')]))).rejects.toThrow(
      'ResourceNotFoundException',
    )
  })
})
