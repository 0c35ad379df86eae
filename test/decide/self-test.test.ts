import { describe, expect, it } from 'vitest'
import { known, unknown } from '../../core/base/fact.ts'
import { answerCommand } from '../../functions/decide/command.ts'
import { makeDecide } from '../../functions/decide/decide.ts'
import { selfTest } from '../../functions/decide/self-test.ts'
import { botConfigSchema } from '../../functions/domain/config/config.ts'
import { FAKE_ORIGIN } from '../../simulator/slack-requests.ts'
import { memoryBot } from '../fakes/memory-bot.ts'

const ANA = { id: 'U0ONCALL1', name: 'ana' }
const config = botConfigSchema.parse({
  ...{ mode: 'approve', channel: 'C0DEPLOYS' },
  approvers: { users: ['U0ONCALL1'], groups: ['S0ONCALL'] },
})
const GOOD = { maySign: async () => {}, takesSigned: async () => {} }

function setUp(changes: object = {}) {
  const bot = memoryBot(config)
  bot.chat.groups.set('S0ONCALL', known(['U0ONCALL1']))
  return { ...bot, trials: GOOD, config, ...changes }
}
const textOf = async (deps: ReturnType<typeof setUp>) => (await selfTest(ANA, deps)).map(({ text }) => text)

describe('/rolemedic doctor', () => {
  it('names all that decide needs, where it may do it', async () => {
    const lines = await textOf(setUp())
    expect(lines[0]).toBe('rolemedic-decide may do all of 11 things that its work needs.')
    expect(lines.slice(1, -1).every(line => line.startsWith('✓ '))).toBe(true)
    expect(lines.at(-1)).toBe('The other functions: rolemedic doctor --live, and rolemedic canary.')
  })

  it('stores, posts and sends nothing', async () => {
    const deps = setUp()
    const writes: string[] = []
    const store = new Proxy(deps.store, {
      get: (target, name) => {
        if (/^(record|claim|create|replace|increment|put)/.test(String(name))) writes.push(String(name))
        return Reflect.get(target, name)
      },
    })
    await textOf({ ...deps, store })
    expect(writes).toEqual([])
    expect([deps.chat.posts, deps.audit.entries, deps.queue.sent]).toEqual([[], [], []])
  })

  const denied = (what: string) => () =>
    Promise.reject(Object.assign(new Error(`not authorized to perform: ${what}`), { name: 'AccessDeniedException' }))

  it.each<[string, (deps: ReturnType<typeof setUp>) => object]>([
    [
      '✗ finds open proposals, by their index: AccessDeniedException: not authorized to perform: dynamodb:Query',
      ({ store }) => ({ store: { ...store, open: denied('dynamodb:Query') } }),
    ],
    [
      '✗ finds standing grants, by their index: AccessDeniedException: not authorized to perform: dynamodb:Query',
      ({ store }) => ({ store: { ...store, standing: denied('dynamodb:Query') } }),
    ],
    [
      '✗ may sign a decision: AccessDeniedException: not authorized to perform: kms:Sign',
      () => ({ trials: { ...GOOD, maySign: denied('kms:Sign') } }),
    ],
    [
      '✗ reads the public keys: AccessDeniedException: not authorized to perform: kms:GetPublicKey',
      () => ({ keys: { ring: denied('kms:GetPublicKey') } }),
    ],
    [
      '✗ reads since when somebody is an approver: AccessDeniedException: not authorized to perform: s3:ListBucketVersions',
      ({ ledger }) => ({ ledger: { ...ledger, versions: denied('s3:ListBucketVersions') } }),
    ],
    [
      '✗ reads the group S0ONCALL: Error: missing_scope',
      ({ chat }) => ({ chat: { ...chat, groupMembers: async () => unknown('missing_scope') } }),
    ],
  ])('%s', async (line, change) => {
    const deps = setUp()
    const lines = await textOf({ ...deps, ...change(deps) })
    expect(lines[0]).toBe('rolemedic-decide fails in 1 of 11 things that its work needs:')
    expect(lines.slice(1, -1)).toEqual([line])
  })

  it('waits for none longer than Slack does', async () => {
    const startMs = performance.now()
    const lines = await textOf(setUp({ trials: { ...GOOD, takesSigned: () => new Promise(() => {}) } }))
    expect(lines[1]).toBe('✗ its address takes what Slack signs: no answer within 1600 ms')
    expect(performance.now() - startMs).toBeLessThan(2_400)
  })

  it('is a command of those who may look, and says so where there is nothing to try', async () => {
    const answered = async (by: typeof ANA, changes: object = {}) => {
      const handled = await makeDecide({ ...setUp(), ...changes })({
        ...{ kind: 'command', origin: FAKE_ORIGIN, by, text: 'doctor' },
      } as never)
      return handled.reply?.text ?? ''
    }
    expect(await answered(ANA)).toContain('rolemedic-decide may do all of 11 things')
    expect(await answered({ id: 'U0STRANGER', name: 'eve' })).not.toContain('things')
    const { text } = await answerCommand({ by: ANA, text: 'doctor' }, memoryBot(config))
    expect(text).toContain('this bot runs without AWS')
  })
})
