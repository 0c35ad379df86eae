/** `enroll` over a ledger in memory, with people whose devices can sign, and administrators whom AWS names. */
import { fail, ok } from '../../core/base/result.ts'
import { type Assertion, challengeOf } from '../../functions/domain/authority/passkey.ts'
import { confirmationOf, type EnrollRequest } from '../../functions/domain/authority/people/enrolling.ts'
import { type BotConfig, botConfigSchema } from '../../functions/domain/config/config.ts'
import { passkeyRuleOf } from '../../functions/domain/config/passkey-rule.ts'
import { type EnrollDeps, makeEnroll } from '../../functions/enroll/enroll.ts'
import { memoryChat } from './memory-chat.ts'
import { memoryLedger } from './memory-ledger.ts'
import { assertionBy, type Device, deviceOf, type Made, ORIGIN, RP_ID } from './passkeys.ts'
import { NOON } from './sample-proposal.ts'
import { DEPLOYMENT, KEYS, signerOf } from './signing.ts'

export const CONFIG: BotConfig = botConfigSchema.parse({
  mode: 'approve',
  channel: 'C0DEPLOYS',
  approvers: { users: ['U0ADA', 'U0BEN'], groups: ['S0ONCALL'] },
  approval: { passkey: 'elevated' },
})

export type EnrollWorld = ReturnType<typeof enrollWorld>

export function enrollWorld(config: BotConfig = CONFIG, ledger = memoryLedger()) {
  const clock = { nowMs: NOON }
  const chat = memoryChat()
  chat.groups.set('S0ONCALL', { known: true, value: ['U0ADA', 'U0BEN', 'U0CAT', 'U0DAN'] })
  const counted: string[] = []
  const deps: EnrollDeps = {
    ...{ ledger, signer: signerOf('enrollments'), keys: KEYS, deploymentId: DEPLOYMENT, config, chat },
    passkeys: passkeyRuleOf(config, ORIGIN),
    renderer: { notice: ({ headline, lines }) => ({ text: JSON.stringify([headline, lines]), blocks: [] }) },
    administrators: async ({ headers: { who } }) =>
      who === undefined ? fail('AWS does not take these credentials') : ok({ name: `arn:${who}`, principal: who }),
    clock: () => clock.nowMs,
    observer: { log: () => {}, count: metric => void counted.push(metric) },
  }
  const enroll = makeEnroll(deps)
  return {
    ...{ clock, chat, ledger, deps, enroll, counted },
    /** The command of this administrator. */
    byAdmin: (who: string, request: string) => enroll.asked({ ask: 'enroll', request, caller: { headers: { who } } }),
    remove: (userId: string, credential: string, who = 'root') =>
      enroll.asked({ ask: 'remove', userId, credential, caller: { headers: { who } } }),
    list: () => enroll.asked({ ask: 'list', caller: { headers: { who: 'root' } } }),
    /** The page of this person, with their own passkey. */
    byPerson: (userId: string, code: string, made: Partial<Made> = {}, device = deviceOf(userId)) => {
      const { request } = JSON.parse(Buffer.from(code, 'base64url').toString()) as { readonly request: EnrollRequest }
      const assertion = assertionBy(device, challengeOf(confirmationOf(request)), made)
      return enroll.confirmed(code, { ...assertion, userId, credentialId: device.credentialId })
    },
    /** Two administrators have confirmed this person's passkey. */
    async enrolled(userId: string): Promise<Device> {
      const code = requestOf(userId, clock.nowMs)
      await enroll.asked({ ask: 'enroll', request: code, caller: { headers: { who: 'one' } } })
      await enroll.asked({ ask: 'enroll', request: code, caller: { headers: { who: 'two' } } })
      return deviceOf(userId)
    },
  }
}

export type RequestFacts = Partial<EnrollRequest> & {
  readonly device?: Device
  readonly made?: Partial<Made>
  readonly assertion?: Partial<Assertion>
}

/** What the page makes of this person's device. */
export function requestOf(
  userId: string,
  atMs = NOON,
  { device = deviceOf(userId), made = {}, assertion = {}, ...facts }: RequestFacts = {},
): string {
  const { credentialId, publicKey, algorithm } = device
  const request: EnrollRequest = {
    schema: 'rolemedic.enroll-request/1',
    ...{ deploymentId: DEPLOYMENT, rpId: RP_ID, userId, credentialId, publicKey, algorithm, atMs },
    ...facts,
  }
  const signed = { ...assertionBy(device, challengeOf(request), made), ...assertion }
  return Buffer.from(JSON.stringify({ request, assertion: signed })).toString('base64url')
}
