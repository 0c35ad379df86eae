/** Whether the page that asks for a passkey is there. */
import { unreachedBy } from '../../../live/ask-aws.ts'
import { type Check, failedCheck, okCheck } from '../check.ts'

const TIMEOUT_MS = 10_000

/** `url`: what the chat calls, at the same host. */
export async function enrollPageCheck(url: string): Promise<Check> {
  const page = new URL('/enroll', url).href
  const hint = 'nobody can enroll a passkey: look at the log of rolemedic-enroll, or deploy rolemedic-bot'
  try {
    const answer = await globalThis.fetch(page, { redirect: 'error', signal: AbortSignal.timeout(TIMEOUT_MS) })
    const isPage = answer.ok && (await answer.text()).includes('data-page="enroll"')
    return isPage
      ? okCheck('passkey page', page)
      : failedCheck('passkey page', `${page}: answers ${answer.status}, and not with its page: ${hint}`)
  } catch (error) {
    const { message } = unreachedBy(error) as Error
    return failedCheck('passkey page', `${page}: no answer: ${message}: ${hint}`)
  }
}
