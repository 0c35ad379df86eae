/** Everything that outlives a process of `write`: its ledger, IAM, its queue and the clock; and processes over it that can be killed. */
import type { DocumentChange } from '../../core/patch/target.ts'
import type { WriteAsk } from '../../functions/domain/authority/checks/input.ts'
import type { WriteOutcome } from '../../functions/domain/authority/spent.ts'
import type { KeyRing } from '../../functions/domain/authority/statement.ts'
import type { WriterSession } from '../../functions/domain/authority/writer-session.ts'
import type { OutcomeNotice, WriteDeps } from '../../functions/write/deps.ts'
import { makeWrite } from '../../functions/write/write.ts'
import { keyOf, memoryIam } from '../fakes/memory-iam.ts'
import { memoryLedger } from '../fakes/memory-ledger.ts'
import { NO_PASSKEYS } from '../fakes/passkeys.ts'
import { RING, signerOf } from '../fakes/signing.ts'
import { CONFIG_DIGEST, DEPLOYMENT, NOON, TWO_CHANGES } from './grant-asks.ts'

export type WriteWorld = ReturnType<typeof writeWorld>

export function writeWorld(changes: readonly DocumentChange[] = TWO_CHANGES) {
  const clock = { nowMs: NOON }
  const ledger = memoryLedger()
  const iam = memoryIam()
  const sent: OutcomeNotice[] = []
  const sessions: WriterSession[] = []
  const slept: number[] = []
  const counted: string[] = []
  const logged: (readonly [level: string, event: string, fields: object])[] = []
  const ring: { keys: KeyRing } = { keys: RING }
  const own = {
    deploymentId: DEPLOYMENT,
    configDigest: CONFIG_DIGEST,
    approvedSets: [] as string[],
    passkeys: NO_PASSKEYS,
  }
  for (const { target, before } of changes) if (before !== null) iam.documents.set(keyOf(target), before)

  const deps: WriteDeps = {
    own,
    keys: { ring: async () => ring.keys },
    signer: signerOf('outcomes'),
    ledger,
    writerFor: session => {
      sessions.push(session)
      return { read: iam.read, write: iam.write }
    },
    send: async notice => void sent.push(notice),
    secondReadSeconds: 5,
    clock: () => clock.nowMs,
    async sleep(ms) {
      slept.push(ms)
      clock.nowMs += ms
    },
    observer: {
      log: (level, event, fields = {}) => void logged.push([level, event, fields]),
      count: metric => void counted.push(metric),
    },
  }

  /** The work of a process that dies at the call number `at` of a port: before it, or after it took effect. */
  async function killed(ask: WriteAsk, at: number, moment: 'before' | 'after'): Promise<WriteOutcome | 'dead'> {
    let calls = 0
    let die = (_: 'dead') => {}
    const death = new Promise<'dead'>(resolve => {
      die = resolve
    })
    const never = new Promise<never>(() => {})
    const watched = <Port extends object>(port: Port): Port =>
      new Proxy(port, {
        get(given, name, receiver) {
          const member: unknown = Reflect.get(given, name, receiver)
          if (typeof member !== 'function') return member
          return async (...args: unknown[]) => {
            calls += 1
            if (calls > at || (calls === at && moment === 'before')) {
              die('dead')
              return never
            }
            const answer: unknown = await member.apply(given, args)
            if (calls === at) {
              die('dead')
              return never
            }
            return answer
          }
        },
      })
    const listed = { ...ledger, keys: undefined }
    const calling = watched({ list: async (prefix: string) => [...(await all(ledger.keys(prefix)))] })
    const dying: WriteDeps = {
      ...deps,
      signer: watched(deps.signer),
      ledger: {
        ...watched({ create: listed.create, versions: listed.versions, read: listed.read }),
        async *keys(prefix, after = '') {
          yield* (await calling.list(prefix)).filter(key => key > after)
        },
      },
      writerFor: () => watched({ read: iam.read, write: iam.write }),
      send: watched({ send: deps.send }).send,
    }
    return Promise.race([death, makeWrite(dying)(ask)])
  }

  return {
    ...{ clock, ledger, iam, sent, sessions, slept, counted, logged, ring, own, deps, killed },
    /** A process of its own, which remembers nothing. */
    write: (ask: WriteAsk): Promise<WriteOutcome> => makeWrite(deps)(ask),
    documents: () => Object.fromEntries(iam.documents),
    keys: () => [...ledger.stored.keys()].sort(),
    outcomes: () =>
      [...ledger.stored.keys()]
        .filter(key => key.startsWith('outcomes/'))
        .sort()
        .map(key => JSON.parse(ledger.textOf(key)).statement as unknown as WriteOutcome),
  }
}

async function all(keys: AsyncIterable<string>): Promise<readonly string[]> {
  const found: string[] = []
  for await (const key of keys) found.push(key)
  return found
}
