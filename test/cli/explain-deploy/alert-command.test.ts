/** The command that an alert prints is one that the command line takes. */
import { readdirSync, readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { dispatch } from '../../../cli/dispatch.ts'
import type { FailedDeploy } from '../../../functions/domain/deploy/index.ts'
import { DEPLOY_TOOLS, explanationOf, parseDeployEvent } from '../../../functions/domain/deploy/tools/tools.ts'
import { memoryIo } from '../memory-io.ts'

const folder = new URL('../../../events/deploys/', import.meta.url)
const deploys = readdirSync(folder)
  .filter(name => name.endsWith('.json'))
  .map(name => parseDeployEvent(JSON.parse(readFileSync(new URL(name, folder), 'utf8'))))
  .flatMap(event => (event.kind === 'failed' ? [event.deploy] : []))
const deployOf = (kind: string): FailedDeploy => {
  const found = deploys.find(deploy => deploy.kind === kind)
  if (found === undefined) throw new Error(`no sample of ${kind}`)
  return found
}

/** The answer where the command is taken: this profile is looked for once all options are read, and before anything is asked. */
const TAKEN = 'no AWS profile "nobody"'
async function answerTo(command: string): Promise<string> {
  const io = memoryIo()
  const [program, ...args] = command.split(' ')
  expect(program).toBe('rolemedic')
  expect(await dispatch([...args, '--profile', 'nobody'], io)).toBe(2)
  return io.captured.err.join('\n')
}

describe('the command in an alert', () => {
  const READ = ['cloudformation', 'codepipeline', 'codebuild', 'codedeploy', 'ecs']

  it('is there for every deploy tool that explain-deploy reads', () => {
    const read = DEPLOY_TOOLS.filter(({ kind }) => explanationOf(deployOf(kind)) !== null)
    expect(read.map(({ kind }) => kind)).toEqual(READ)
  })

  it.each(READ)('is taken, with all its options: %s', async kind => {
    expect(await answerTo(explanationOf(deployOf(kind)) ?? '')).toContain(TAKEN)
  })

  it('is taken whatever the names of the deploy are, or is not there', async () => {
    const name = fc.oneof(
      fc.stringMatching(/^[A-Za-z0-9.@_-]{1,20}$/),
      fc.constantFrom(
        '--live',
        '--profile',
        '-x',
        '$(id)',
        'a b',
        '',
        'arn:aws:ecs:eu-west-1:111122223333:service/web',
      ),
    )
    let taken = 0
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...READ), name, fc.option(name), async (kind, target, attempt) => {
        const command = explanationOf({ ...deployOf(kind), target, name: target, attempt })
        if (command === null) return
        taken += 1
        expect(await answerTo(command)).toContain(TAKEN)
      }),
    )
    expect(taken).toBeGreaterThan(10)
  })

  it('is not taken where it names nothing that can be read', async () => {
    expect(await answerTo('rolemedic explain-deploy --live --service web --region eu-west-1')).toContain(
      '--service takes CLUSTER/NAME',
    )
    expect(await answerTo('rolemedic explain-deploy --live --change orders --region eu-west-1')).toContain('--change')
  })
})
