/** In `observe`, nothing is posted for a day: a token that is revoked is noticed by asking for it. */
import { MINUTE_MS } from '../../core/base/index.ts'
import type { SweepDeps } from './deps.ts'

const EVERY_MINUTES = 10

type Deps = Pick<SweepDeps, 'chat' | 'clock' | 'observer'>

export async function checkChat({ chat, clock, observer }: Deps): Promise<void> {
  if (Math.floor(clock() / MINUTE_MS) % EVERY_MINUTES !== 0) return
  try {
    await chat.checkAccess()
  } catch (error) {
    observer.log('error', 'chat_not_reached', { error: String(error) })
    observer.count('ChatNotReached')
  }
}
