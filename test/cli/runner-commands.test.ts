import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it, vi } from 'vitest'
import { EXIT_CODES } from '../../cli/command.ts'
import { defineCommand } from '../../cli/define-command.ts'
import { dispatch } from '../../cli/dispatch.ts'
import { processIo } from '../../cli/io.ts'
import { memoryIo } from './memory-io.ts'

const folder = mkdtempSync(join(tmpdir(), 'rolemedic-runner-commands-'))
afterAll(() => rmSync(folder, { recursive: true }))
const at = (name: string, text: string): string => {
  writeFileSync(join(folder, name), text)
  return join(folder, name)
}

const SIGNS = '##[add-mask]##vso[task.prependpath]'
const DENIED = `User: ::add-mask::c is not authorized to perform: s3:PutObject on resource: ::error::b because no identity-based policy allows the s3:PutObject action`
const LOG = at(
  'step.log',
  `An error occurred (AccessDenied) when calling the PutObject operation: ${DENIED}
Error: AccessDeniedException: User: arn:aws:sts::111122223333:assumed-role/dep/s${SIGNS} is not authorized to perform: iam:PassRole on resource: arn:aws:iam::111122223333:role/x${SIGNS} because no identity-based policy allows the iam:PassRole action
`,
)
const TEMPLATE = at(
  'template.yaml',
  `Resources:
  "::warning::F":
    Type: AWS::Lambda::Function
    Properties: { Role: "arn:aws:iam::111122223333:role/${SIGNS}" }
`,
)

const ROLE = `arn:aws:iam::111122223333:role/x${SIGNS}`
const EVENTS = at(
  'events.json',
  JSON.stringify({
    ...{ eventID: 'a', eventTime: '2026-11-24T03:00:00Z', eventSource: 'sts.amazonaws.com', eventName: 'AssumeRole' },
    ...{ awsRegion: 'us-east-1', recipientAccountId: '111122223333', requestParameters: { roleArn: ROLE } },
    userIdentity: { type: 'IAMUser', arn: `arn:aws:iam::111122223333:user/u${SIGNS}`, accountId: '111122223333' },
    errorCode: 'AccessDenied',
    errorMessage: `User: arn:aws:iam::111122223333:user/u${SIGNS} is not authorized to perform: sts:AssumeRole on resource: ${ROLE}`,
  }),
)
const allow = { Effect: 'Allow', Action: 'iam:PassRole', Resource: '*', Sid: SIGNS }
const POLICY = at('policy.json', JSON.stringify({ Version: '2012-10-17', Statement: [allow] }))

// https://learn.microsoft.com/en-us/azure/devops/pipelines/scripts/logging-commands
it.each([
  [['diagnose', LOG]],
  [['explain-deploy', '--log', LOG]],
  [['preflight', TEMPLATE, '--as', 'arn:aws:iam::111122223333:role/dep']],
  [['diagnose', EVENTS, '--format', 'markdown']],
  [['explain-deploy', '--log', EVENTS, '--format', 'markdown']],
  [['preflight', TEMPLATE, '--as', 'arn:aws:iam::111122223333:role/dep', '--format', 'markdown']],
  [['backtest', EVENTS]],
  [['explain-policy', POLICY, '--action', 'iam:PassRole', '--role', ROLE, '--service', 'ecs-tasks.amazonaws.com']],
])('the text of %j is no command to a runner of CI jobs', async args => {
  const io = memoryIo({ stdin: '' })
  await dispatch(args, io)
  const lines = `${io.captured.out}\n${io.captured.err.join('\n')}`.split('\n')
  expect(lines.length).toBeGreaterThan(3)
  expect(lines.filter(line => /##(?:\[|vso\[)/i.test(line) || line.trimStart().startsWith('::'))).toEqual([])
})

const PLANTED = `  ::error::a\n${SIGNS}\n`
const planted = defineCommand({
  ...{ name: 'planted', usage: [['rolemedic planted', '']], about: [], operands: [], subcommands: [], options: {} },
  ...{ examples: [], exitCodes: EXIT_CODES, outputs: [], takes: 0, ask: () => PLANTED },
  async answer(text, io) {
    io.out(text)
    io.data(text)
    io.err(text)
    return 0
  },
})
const GUARDED = '  : :error::a\n## [add-mask]## vso[task.prependpath]\n'

describe('a command that forgets the runners of CI jobs', () => {
  it('prints no command to them, in a process', async () => {
    const printed: string[] = []
    const stream = (name: 'stdout' | 'stderr') =>
      vi.spyOn(process[name], 'write').mockImplementation(text => printed.push(`${name}: ${text}`) > 0)
    const spies = [stream('stdout'), stream('stderr')]
    await planted.run([], processIo()).finally(() => spies.map(spy => spy.mockRestore()))
    expect(printed).toEqual([`stdout: ${GUARDED}`, `stdout: ${PLANTED}`, `stderr: ${GUARDED}\n`])
  })

  it('prints none in the tests of commands, so that they would show it', async () => {
    const io = memoryIo()
    await planted.run([], io)
    expect(io.captured).toMatchObject({ out: GUARDED + PLANTED, err: [GUARDED] })
  })
})
