import { describe, expect, it } from 'vitest'
import { type StartWanted, startWith } from '../../cli/commands/start.ts'
import { memoryIo } from './memory-io.ts'

async function asked(...args: readonly string[]): Promise<StartWanted> {
  const questions: StartWanted[] = []
  const command = startWith(async question => questions.push(question))
  await command.run(args, memoryIo())
  const [question] = questions
  if (question === undefined) throw new Error('nothing was asked')
  return question
}

describe('the arguments of npm start', () => {
  it('starts the bot with the samples without arguments', async () => {
    expect(await asked()).toMatchObject({
      once: false,
      events: [],
      accounts: [],
      port: 4242,
      state: null,
    })
  })

  it('takes an event and several accounts', async () => {
    const args = await asked('my-event.json', '--account', 'a.json', '--account', 'b.json', '--port', '5000')
    expect(args).toMatchObject({ events: ['my-event.json'], accounts: ['a.json', 'b.json'], port: 5000 })
  })

  it('takes a file again under the same name, and the last of other values', async () => {
    expect(await asked('--config', 'a.json', '--config=a.json')).toMatchObject({ config: 'a.json' })
    expect(await asked('--port', '5000', '--port', '5001')).toMatchObject({ port: 5001 })
  })

  it('takes several approvers, repeated or in one list', async () => {
    expect((await asked('--once', '--approve-as', 'U1', '--approve-as', 'U2')).approveAs).toEqual(['U1', 'U2'])
    expect((await asked('--once', '--approve-as', 'U1,U2')).approveAs).toEqual(['U1', 'U2'])
  })

  it.each([
    [['--prot', '5000'], /Unknown option '--prot'/],
    [['--once', '--port', '5'], /--port is for the web page, which --once does not start/],
    [['--port', 'http'], /--port takes a number/],
    [['--config', 'a.json', '--config', 'b.json'], /--config was given twice, with different values/],
    [['--approve-as', 'U0ONCALL1'], /need --once/],
    [['--once', '--revert'], /--revert needs --approve-as/],
    [['--once', '--approve-as', ''], /--approve-as takes a Slack user id/],
    [['--once', '--approve-as', 'U1,,U2'], /--approve-as takes a Slack user id/],
  ])('refuses %j in one line', async (args, message) => {
    const error = await asked(...args).catch((thrown: Error) => thrown.message)
    expect(error).toMatch(message)
    expect(error).not.toContain('\n')
  })
})
