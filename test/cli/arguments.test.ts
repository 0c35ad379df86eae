import { describe, expect, it } from 'vitest'
import { parseStartArguments } from '../../cli/start/arguments.ts'

describe('the arguments of npm start', () => {
  it('starts the bot with the samples without arguments', () => {
    expect(parseStartArguments([])).toMatchObject({
      once: false,
      events: [],
      accounts: [],
      port: 4242,
      state: null,
    })
  })

  it('takes an event and several accounts', () => {
    const args = parseStartArguments(['my-event.json', '--account', 'a.json', '--account', 'b.json', '--port', '5000'])
    expect(args).toMatchObject({ events: ['my-event.json'], accounts: ['a.json', 'b.json'], port: 5000 })
  })

  it('takes several approvers, repeated or in one list', () => {
    expect(parseStartArguments(['--once', '--approve-as', 'U1', '--approve-as', 'U2']).approveAs).toEqual(['U1', 'U2'])
    expect(parseStartArguments(['--once', '--approve-as', 'U1,U2']).approveAs).toEqual(['U1', 'U2'])
  })

  it.each([
    [['--prot', '5000'], /Unknown option '--prot'/],
    [['--once', '--port', '5'], /--port is for the web page, which --once does not start/],
    [['--port', 'http'], /--port takes a number/],
    [['--approve-as', 'U0ONCALL1'], /need --once/],
    [['--once', '--revert'], /--revert needs --approve-as/],
    [['--once', '--approve-as', ''], /--approve-as takes a Slack user id/],
    [['--once', '--approve-as', 'U1,,U2'], /--approve-as takes a Slack user id/],
  ])('refuses %j in one line', (args, message) => {
    expect(() => parseStartArguments(args)).toThrow(message)
    try {
      parseStartArguments(args)
    } catch (error) {
      expect((error as Error).message).not.toContain('\n')
    }
  })
})
