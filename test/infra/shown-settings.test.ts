/** The settings and configurations in docs/deploy.md and docs/modes.md are valid as shown. */
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import { parseConfig } from '../../functions/domain/config/check-config.ts'
import { parseSettings } from '../../infra/settings.ts'

const PEOPLE = { approvers: { users: ['U0ONCALL1', 'U0ONCALL2'] } }

describe.each(['deploy', 'modes'])('docs/%s.md', page => {
  const text = readFileSync(resolve(import.meta.dirname, `../../docs/${page}.md`), 'utf8')
  const shown = [...text.matchAll(/```json\n([\s\S]*?)```/g)].map(([, json = '']) => json.trim())

  it.each(shown)('%s', json => {
    const value = JSON.parse(json) as object
    if ('slack' in value) expect(parseSettings(value, page).region).toBe('eu-west-1')
    else expect(parseConfig(JSON.stringify({ ...PEOPLE, ...value }))).toMatchObject({ ok: true })
  })
})
