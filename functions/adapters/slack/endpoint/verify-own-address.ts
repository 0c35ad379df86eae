/** Sends an address the request by which Slack checks it, signed as Slack signs. https://docs.slack.dev/reference/events/url_verification */
import { randomUUID } from 'node:crypto'
import { RolemedicError } from '../../../../core/base/index.ts'
import { slackSignature } from './verify-request.ts'

export type AddressTrial = {
  readonly url: string
  readonly secret: string
  readonly nowMs: number
  readonly fetch?: typeof globalThis.fetch
}

const TIMEOUT_MS = 1_500

/** Rejects with what is answered instead of the challenge. */
export async function verifyOwnAddress({ url, secret, nowMs, fetch = globalThis.fetch }: AddressTrial): Promise<void> {
  const challenge = randomUUID()
  const body = JSON.stringify({ type: 'url_verification', token: 'doctor', challenge })
  const timestamp = String(Math.floor(nowMs / 1_000))
  const response = await fetch(url, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'x-slack-request-timestamp': timestamp,
      'x-slack-signature': slackSignature(secret, timestamp, Buffer.from(body)),
    },
    body,
    redirect: 'error',
    signal: AbortSignal.timeout(TIMEOUT_MS),
  })
  const answer = await response.text()
  if (response.status !== 200 || !answer.includes(challenge))
    throw new RolemedicError('own-address', `${url} answered ${response.status}, and not the challenge`)
}
