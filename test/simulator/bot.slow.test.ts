import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { printOnce } from '../../cli/formats/start/once-printer.ts'
import type { FollowOptions } from '../../cli/use-cases/start/follow-proposal.ts'
import { followRecord } from '../../cli/use-cases/start/once.ts'
import type { OnceEnd } from '../../cli/use-cases/start/once-step.ts'
import { UsageError } from '../../core/base/errors.ts'
import { botConfigSchema } from '../../functions/domain/config/config.ts'
import type { Proposal } from '../../functions/domain/proposal/proposal.ts'
import { targetLock } from '../../functions/domain/stored/markers.ts'
import { SILENT_OBSERVER } from '../../functions/ports/silent-observer.ts'
import { type Bot, startBot } from '../../simulator/bot.ts'
import { openLocalStore } from '../../simulator/local-store.ts'
import { DEFAULT_EVENT, readRecords, SAMPLE_ACCOUNTS, SAMPLE_ORGANIZATION } from '../../simulator/sample-records.ts'
import { sampleUser } from '../../simulator/sample-users.ts'
import { buttonPress, buttonsOf } from '../../simulator/slack-requests.ts'
import { memoryIo } from '../cli/memory-io.ts'
import { inStatus, movedTo } from '../fakes/sample-proposal.ts'

const CONFIG = botConfigSchema.parse({
  mode: 'approve',
  channel: 'C0DEPLOYS',
  approvers: { users: ['U0ONCALL1', 'U0ONCALL2'] },
})
const events = (name: string) => join(import.meta.dirname, '../../events', name)

let state: string
let bot: Bot | null = null

beforeEach(() => {
  state = mkdtempSync(join(tmpdir(), 'rolemedic-'))
})
afterEach(async () => {
  await bot?.close()
  bot = null
  rmSync(state, { recursive: true, force: true })
})

async function start(observed: string[] = [], onFault: (error: unknown) => void = () => {}): Promise<Bot> {
  bot = await startBot({
    onFault,
    state,
    accounts: SAMPLE_ACCOUNTS,
    org: SAMPLE_ORGANIZATION,
    config: CONFIG,
    observer: { log: (level, message) => void (level === 'error' && observed.push(message)), count() {} },
    pace: 0,
    sweepEveryMs: null,
  })
  return bot
}

/** Stops the bot, edits its table to the state after a crash, and starts it again. */
async function edit(
  change: (store: Awaited<ReturnType<typeof openLocalStore>>['store']) => Promise<void>,
): Promise<void> {
  await bot?.close()
  bot = null
  const { store, close } = await openLocalStore(join(state, 'store'), { observer: SILENT_OBSERVER })
  await change(store)
  await close()
}

async function once(file: string, options: Partial<FollowOptions> = {}): Promise<{ end: OnceEnd; text: string }> {
  const [fed] = readRecords(file, Date.now())
  if (fed === undefined) throw new Error(`${file} is empty`)
  const io = memoryIo()
  const running = bot ?? (await start())
  const asked = { approveAs: [], revert: false, config: CONFIG, ...options }
  const end = await printOnce(followRecord({ ...fed, others: 0 }, running, asked), io)
  return { end, text: io.captured.out }
}

async function theOnly(running: Bot): Promise<Proposal> {
  const [proposal, more] = await running.store.open(10)
  if (proposal === undefined || more !== undefined) throw new Error('expected one open proposal')
  return proposal
}

function pressOf(running: Bot, action: 'approve' | 'revert'): string {
  const message = running.slack.messages().find(each => buttonsOf(each, action).length > 0)
  const button = message === undefined ? undefined : buttonsOf(message, action)[0]
  if (message === undefined || button === undefined) throw new Error(`no card offers ${action}`)
  return buttonPress(sampleUser('U0ONCALL1'), message, button)
}

async function press(running: Bot, action: 'approve' | 'revert'): Promise<void> {
  await running.request(pressOf(running, action))
  await running.idle()
}

describe('one denial, printed', () => {
  it('indents the further lines of a record, so that only records begin with their number', async () => {
    const { text } = await once(DEFAULT_EVENT)
    const [, audit = ''] = text.split('Audit\n')
    const lines = (audit.split('\n\n')[0] ?? '').split('\n')
    expect(lines.filter(line => !line.startsWith('       ')).map(line => line.slice(0, 20))).toEqual([
      '     1 denial-seen: ',
      '     2 proposed: No ',
    ])
    expect(lines).toContain('       Evidence: AWS says: no identity-based policy allows the action')
  })
})

describe('the local bot after a crash', () => {
  it('changes a policy that a dead process had locked', async () => {
    await once(DEFAULT_EVENT)
    const { patch } = await theOnly(await running())
    const target = patch?.changes[0]?.target
    if (target === undefined) throw new Error('no patch')
    await edit(async store => {
      const dead = { holder: 'p-dead', untilMs: Date.now() + 180_000 }
      expect(await store.putMarker(targetLock(target), 0, dead)).toBe(true)
    })
    const failures: string[] = []
    const again = await start(failures)
    await press(again, 'approve')
    expect((await again.audit()).map(({ entry }) => entry.kind)).toContain('applied')
    expect(failures).toEqual([])
  })

  it('continues at once with the work after a final status', async () => {
    await once(DEFAULT_EVENT)
    const { id } = await theOnly(await running())
    await edit(async store => {
      const open = await store.get(id)
      if (open === null) throw new Error('not kept')
      const by = sampleUser('U0ONCALL1')
      const atMs = Date.now()
      const approvals = [{ by, atMs, limitHours: null, reason: null }]
      await store.replace(open, movedTo(open, { status: 'stale', approvals, dueAtMs: atMs + 120_000 }))
    })
    const again = await start()
    expect(again.slack.messages().find(({ text }) => text.includes('Out of date'))).toBeDefined()
    await again.sweep()
    await again.idle()
    expect((await theOnly(again)).previous).toMatchObject({ id, status: 'stale' })
  })
})

it('is idle only when a press that Slack was told is late has been carried out', async () => {
  await once(DEFAULT_EVENT)
  const waiting = await running()
  const { id } = await theOnly(waiting)
  // Later than the endpoint answers, and sooner than the bot gives up on Slack.
  waiting.slack.addFault({ kind: 'slow', method: 'users.info', ms: 3_000 })
  await press(waiting, 'approve')
  expect((await waiting.store.get(id))?.status).toBe('applied')
})

describe('closing the bot', () => {
  it('waits for running work, and starts no new work', async () => {
    const failures: string[] = []
    const closing = await start(failures)
    const [fed] = readRecords(DEFAULT_EVENT, Date.now())
    const feeding = [1, 2, 3].map(() => closing.feed(fed?.record))
    await closing.close()
    bot = null
    await Promise.all(feeding)
    await closing.feed(fed?.record)
    await closing.sweep()
    expect(failures).toEqual([])
  })

  it('waits for a press however long it takes', async () => {
    await once(DEFAULT_EVENT)
    const closing = await running()
    closing.slack.addFault({ kind: 'slow', method: 'users.info', ms: 3_000 })
    let isAnswered = false
    const pressing = closing.request(pressOf(closing, 'approve')).finally(() => {
      isAnswered = true
    })
    await closing.close()
    bot = null
    expect(isAnswered).toBe(true)
    await pressing
  })

  it('reports in one line that its folder, or the channel in it, cannot be used', async () => {
    writeFileSync(join(state, 'slack.json'), '{')
    await expect(start()).rejects.toThrow(/slack\.json does not contain messages: delete it/)
    // The store was closed again, so the bot starts after the file is deleted.
    rmSync(join(state, 'slack.json'))
    await start()
    const folder = state
    state = join(folder, 'a-file')
    writeFileSync(state, '')
    await expect(start()).rejects.toThrow(/cannot create the state folder/)
    state = folder
  })
})

describe('a state folder that is no longer writable', () => {
  it.each(['slack.json.part', 'audit'])('is reported at once, for every file: %s', async name => {
    const faults: unknown[] = []
    const running = await start([], error => faults.push(error))
    const [fed] = readRecords(DEFAULT_EVENT, Date.now())
    if (name === 'audit') writeFileSync(join(state, name), '')
    else mkdirSync(join(state, name))
    await running.feed(fed?.record).catch(() => {})
    await expect.poll(() => faults.length).toBeGreaterThan(0)
    expect(faults[0]).toMatchObject({ code: name === 'audit' ? 'EEXIST' : 'EISDIR' })
  })
})

async function running(): Promise<Bot> {
  return bot ?? start()
}

it('verifies the card of another denial again in place once it has changed the same role', async () => {
  const running = await start()
  for (const name of ['ecs-register-task-definition.json', 'ec2-run-instances.json'])
    for (const { record } of readRecords(events(name), Date.now())) await running.feed(record)
  await running.idle()
  const before = await running.store.open(10)
  expect(before.map(({ status }) => status)).toEqual(['open', 'open'])
  await press(running, 'approve')
  const applied = (await running.store.open(10)).find(({ status }) => status === 'applied')
  const old = inStatus(
    before.find(({ id }) => id !== applied?.id),
    'open',
  )
  const changed = inStatus(await running.store.get(old.id), 'open')
  expect(changed).toMatchObject({ approvals: [], card: old.card, changed: { because: 'approval' } })
  expect(changed.patch.digest).not.toBe(old.patch.digest)
  const message = running.slack.messages().find(({ ts }) => ts === old.card.message)
  expect(JSON.stringify(message?.blocks)).toContain(changed.patch.digest)
  expect(JSON.stringify(message?.blocks)).not.toContain(old.patch.digest)
})

describe('--once', () => {
  it('exits with 0 if the request is allowed, or denied again after a revert', async () => {
    expect((await once(DEFAULT_EVENT, { approveAs: ['U0ONCALL1'] })).end).toEqual({ kind: 'followed', asWanted: true })
  })

  it('reverts as the first user who is allowed to, and prints the replies to the others', async () => {
    const { end, text } = await once(DEFAULT_EVENT, { approveAs: ['U0VISITOR', 'U0ONCALL1'], revert: true })
    expect(text).toMatch(/U0VISITOR pressed Revert\n {2}and got the reply: You are not among the approvers/)
    expect(text).toContain('U0ONCALL1 pressed Revert')
    expect(end).toEqual({ kind: 'followed', asWanted: true })
  })

  it.each([
    [
      'ecs-register-task-definition.json',
      /Nothing was changed: the change waits[^\n]*\n[^\n]* add --approve-as U0ONCALL1\.\n[^\n]*rolemedic start without --once/,
    ],
    ['cloudformation-create-change-set.json', / add --approve-as U0ONCALL1 --approve-as U0ONCALL2\.\n/],
    ['lambda-create-function.json', / add --approve-as U0ONCALL1 --approve-as U0ONCALL2\.\n/],
    [
      'assume-role-identity-center.json',
      /exit code is 1\. Only 1 of the 2 people needed may approve: add approvers to "approvers" in rolemedic\.config\.json\.\n/,
    ],
    ['assume-role-root.json', /Nothing to approve\.\n[\s\S]*Nothing to approve: the card says whom to ask/],
  ])('exits with 1 and prints the next step without --approve-as: %s', async (name, next) => {
    const { end, text } = await once(events(name))
    expect(end).toEqual({ kind: 'followed', asWanted: false })
    expect(text).toContain('Card\n')
    expect(text).toMatch(/\nNext\n/)
    expect(text).toMatch(next)
  })

  it('prints the approved digest, which the audit log has too', async () => {
    const { text } = await once(DEFAULT_EVENT)
    const { patch } = await theOnly(bot ?? (await start()))
    expect(text).toContain(`patch digest ${patch?.digest} (`)
    expect(text).not.toContain('change digest')
  })

  it('prints no control characters of untrusted text', async () => {
    const marks = '\u001b]0;x\u0007\u001b[2J\u202e'
    const record = JSON.parse(readFileSync(DEFAULT_EVENT, 'utf8')) as { userIdentity: { arn: string } }
    const arn = `${record.userIdentity.arn}${marks}\nResult`
    const hostile = join(state, 'hostile.json')
    writeFileSync(
      hostile,
      JSON.stringify({ ...record, awsRegion: marks, eventName: marks, userIdentity: { ...record.userIdentity, arn } }),
    )
    const { text } = await once(hostile)
    expect(text).toContain('Denial\n')
    expect(text).not.toMatch(/^ *Result$/m)
    // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters must not occur
    expect(text).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u202e]/)
  })

  it('says that one more approver is needed', async () => {
    const { end, text } = await once(events('cloudformation-create-change-set.json'), { approveAs: ['U0ONCALL1'] })
    expect(text).toContain('One more person must approve: repeat --approve-as.')
    expect(end).toEqual({ kind: 'followed', asWanted: false })
  })

  it('does not claim to press a button that the card does not have', async () => {
    const { end, text } = await once(events('rds-create-db-instance.json'), { approveAs: ['U0ONCALL1'] })
    expect(text).toContain('U0ONCALL1 finds no Approve on the card: This card is for information')
    expect(end).toEqual({ kind: 'followed', asWanted: false })
  })
})

describe('an account file', () => {
  const startWith = (name: string, text: string) => {
    const file = join(state, name)
    writeFileSync(file, text)
    return startBot({
      state: join(state, 'kept'),
      accounts: [file],
      org: null,
      config: CONFIG,
      observer: { log() {}, count() {} },
      pace: 0,
      sweepEveryMs: null,
    })
  }

  it.each([
    ['null.json', 'null', /null\.json: /],
    ['list.json', '[1]', /list\.json: /],
    ['object.json', '{"RoleDetailList":{}}', /object\.json: RoleDetailList: .*array/],
    ['nameless.json', '{"RoleDetailList":[{"Arn":"arn:aws:iam::111122223333:role/x"}]}', /nameless\.json: .*RoleName/],
    ['empty.json', '', /empty\.json: is empty/],
  ])('%s with the wrong format is reported in one line', async (name, text, message) => {
    await expect(startWith(name, text)).rejects.toThrow(message)
  })

  it('can begin with a byte order mark, and is not changed', async () => {
    const text = `\uFEFF${readFileSync(SAMPLE_ACCOUNTS[0] ?? '', 'utf8')}`
    bot = await startWith('marked.json', text)
    expect(bot.accounts.all().map(({ id }) => id)).toEqual(['111122223333'])
    expect(readFileSync(join(state, 'marked.json'), 'utf8')).toBe(text)
  })
})

describe('an invalid organization file', () => {
  it.each([
    ['is missing', '/no/such/org.json', /^cannot read the organization file \/no\/such\/org\.json$/],
    ['is a folder', import.meta.dirname, /^cannot read the organization file/],
    ['is an account', SAMPLE_ACCOUNTS[0] ?? '', /orders-dev\.json: not an organization file/],
  ])('%s, and is refused in one line with its name', async (_, org, message) => {
    const observer = { log() {}, count() {} }
    const starting = startBot({ state, accounts: [], org, config: CONFIG, observer, pace: 0, sweepEveryMs: null })
    await expect(starting).rejects.toThrow(message)
    await expect(starting).rejects.toBeInstanceOf(UsageError)
  })
})
