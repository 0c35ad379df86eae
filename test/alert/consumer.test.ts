import { describe, expect, it } from 'vitest'
import { consume } from '../../functions/alert/consumer.ts'

function bench(outcome: () => Promise<never> | Promise<{ kind: 'silent'; key: string }>) {
  const logged: string[] = []
  const observer = { log: (level: string, message: string) => void logged.push(`${level}: ${message}`), count() {} }
  return { logged, deps: { alert: outcome, observer } }
}

describe('an event for alert', () => {
  it('is done and told', async () => {
    const { logged, deps } = bench(async () => ({ kind: 'silent', key: '0' }))
    await consume('{"source":"aws.ecs"}', deps)
    expect(logged).toEqual(['info: event_done'])
  })

  it('that is no JSON is told and dropped', async () => {
    const { logged, deps } = bench(async () => ({ kind: 'silent', key: '0' }))
    await consume('<xml/>', deps)
    expect(logged).toEqual(['error: message_unreadable'])
  })

  it('that fails comes again', async () => {
    const { logged, deps } = bench(() => Promise.reject(new Error('throttled')))
    await expect(consume('{}', deps)).rejects.toThrow('throttled')
    expect(logged).toEqual(['error: event_failed'])
  })
})
