import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { dispatch } from '../../../cli/dispatch.ts'
import { memoryIo } from '../memory-io.ts'

const denied = (
  session: string,
  action: string,
  resource: string,
  why = `because no identity-based policy allows the ${action} action`,
) =>
  `Error: api error AccessDenied: User: arn:aws:sts::111122223333:assumed-role/orders-deploy/${session} is not authorized to perform: ${action} on resource: ${resource} ${why}`
/** Two sessions of one role lack three permissions, and a third action does not exist. */
const LOG = [
  denied('run-1', 's3:CreateBucket', 'arn:aws:s3:::orders-files'),
  denied('run-2', 'sqs:CreateQueue', 'arn:aws:sqs:eu-west-1:111122223333:orders'),
  denied('run-2', 's3:NoSuchAction', 'arn:aws:s3:::orders-files'),
].join('\n')
const TERRAFORM = `resource "aws_iam_role" "deploy" {
  name               = "orders-deploy"
  assume_role_policy = "{}"
}
`

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'rolemedic-drafts-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

async function explain(log: string, ...args: readonly string[]) {
  const io = memoryIo({ stdin: log })
  const code = await dispatch(['explain-deploy', '--log', '-', ...args], io)
  return { code, out: io.captured.out, err: io.captured.err }
}

describe('the statements of other actions, with the code', () => {
  it('are one draft for a role, whatever its sessions, and name the code that makes it', async () => {
    writeFileSync(join(folder, 'main.tf'), TERRAFORM)
    const { code, out } = await explain(LOG, '--code', folder, '--json')
    expect(code).toBe(0)
    const { drafts, patches } = JSON.parse(out) as {
      drafts: readonly { principal: string; reason: string; snippet: string }[]
      patches: unknown[]
    }
    expect(patches).toEqual([])
    expect(drafts.map(({ principal }) => principal)).toEqual(['arn:aws:iam::111122223333:role/orders-deploy'])
    const [draft] = drafts
    expect(draft?.reason).toBe(
      'rolemedic edits code for its own actions alone: add the snippet for aws_iam_role.deploy (main.tf).',
    )
    expect(draft?.snippet).toContain('s3:CreateBucket')
    expect(draft?.snippet).toContain('arn:aws:sqs:eu-west-1:111122223333:orders')
    // Nobody publishes it, so it is in no draft.
    expect(draft?.snippet).not.toContain('NoSuchAction')
  })

  it('are in the text and in the comment too', async () => {
    writeFileSync(join(folder, 'main.tf'), TERRAFORM)
    const text = await explain(LOG, '--code', folder)
    expect(text.out).toContain(
      'A draft for the code of arn:aws:iam::111122223333:role/orders-deploy, which rolemedic never writes.',
    )
    expect(text.out).toMatch(/^ {4}resource "aws_iam_role_policy"/m)
    const markdown = await explain(LOG, '--code', folder, '--format', 'markdown')
    expect(markdown.out).toContain('A draft for the code of `arn:aws:iam::111122223333:role/orders-deploy`')
    expect(markdown.out.match(/A draft for/g)).toHaveLength(1)
  })

  it('are drafted for the template that was deployed, where that is all that is given', async () => {
    const template = join(folder, 'template.yaml')
    writeFileSync(
      template,
      'Resources:\n  Deploy:\n    Type: AWS::IAM::Role\n    Properties:\n      RoleName: orders-deploy\n      AssumeRolePolicyDocument: {}\n',
    )
    const { out } = await explain(LOG, '--template', template)
    expect(out).toMatch(/add the snippet for Deploy \(.*template\.yaml\)/)
    expect(out).toContain('AWS::IAM::')
  })

  it('are none without code, for a guardrail, and for an action or resource that is not valid', async () => {
    writeFileSync(join(folder, 'main.tf'), TERRAFORM)
    expect((await explain(LOG, '--json')).out).not.toContain('"drafts"')
    for (const log of [
      denied('run-1', 's3:NoSuchAction', 'arn:aws:s3:::orders-files'),
      denied('run-1', 's3:CreateBucket', 'arn:aws:sqs:eu-west-1:111122223333:orders'),
      denied(
        'run-1',
        's3:CreateBucket',
        'arn:aws:s3:::orders-files',
        'because no service control policy allows the s3:CreateBucket action',
      ),
      denied(
        'run-1',
        's3:CreateBucket',
        'arn:aws:s3:::orders-files',
        'with an explicit deny in an identity-based policy',
      ),
    ])
      expect((await explain(log, '--code', folder, '--json')).out).not.toContain('"drafts"')
  })

  it('show hostile names of the code as text of one line', async () => {
    writeFileSync(join(folder, 'main.tf'), TERRAFORM.replace('"deploy"', '"d\u001b[31m"'))
    const { out } = await explain(LOG, '--code', folder)
    expect(out).not.toContain('\u001b')
    expect(out).toContain('A draft for the code of')
  })
})
