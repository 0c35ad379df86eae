import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { brotliCompressSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { ACTIONS } from '../../../core/actions/index.ts'
import { statementFor } from '../../../core/published-actions/index.ts'
import { packedText, publishedActions } from '../../../core/service-actions/index.ts'
import { isDeployed } from '../../../tools/facts/deployed-services.ts'
import { packedActions } from '../../../tools/facts/published-actions.ts'
import { filledForm, isValidByData, publishedIn, SERVICES } from './published.ts'

const ACCOUNT = '111122223333'
const TEXTS = join(import.meta.dirname, '../../cases/deploy-texts')
const text = packedText()
const published = publishedActions()
const PACKED = SERVICES.filter(isDeployed)

const answered = (action: string, resource: string | null) =>
  statementFor(
    {
      ...{ action, resource, principal: `arn:aws:sts::${ACCOUNT}:assumed-role/deploy/run-1`, layer: 'identity' },
      ...{ isExplicit: false, policyArn: null },
    },
    { region: 'eu-west-1', accountId: ACCOUNT },
    published,
  )

describe('the packed actions', () => {
  it('are what npm run facts makes of the installed data', () => {
    expect(packedActions() === text).toBe(true)
  })

  it('take at most 38,000 bytes of the package', () => {
    expect(brotliCompressSync(text).length).toBeLessThanOrEqual(38_000)
  })

  it('hold the services that public deploys were denied', () => {
    const texts = readdirSync(TEXTS, { recursive: true, encoding: 'utf8' })
      .filter(name => /\.\w+$/.test(name))
      .map(name => readFileSync(join(TEXTS, name), 'utf8'))
      .join('\n')
    const named = new Set([...texts.matchAll(/\b([a-z0-9-]{2,40}):([A-Z][A-Za-z]{3,60})\b/g)].map(([whole]) => whole))
    const prefixes = [...named].flatMap(one => {
      const [prefix = '', action = ''] = one.split(':')
      const isAction = SERVICES.includes(prefix) && publishedIn(prefix).actions.some(({ name }) => name === action)
      return isAction ? [prefix] : []
    })
    expect(new Set(prefixes).size).toBeGreaterThan(20)
    expect(prefixes.filter(prefix => published.service(prefix) === null)).toEqual([])
  })

  it('hold every action of a packed service with the forms that are published', () => {
    const wrong = PACKED.flatMap(service => {
      const read = published.service(service)
      const { actions, forms } = publishedIn(service)
      const expected = actions.map(({ name, types }) => [
        `${service}:${name}`,
        types.map(type => forms.get(type)?.map(form => form.replaceAll(/\$\{[^}]*\}/g, '$'))),
      ])
      const found = actions.map(({ name }) => {
        const one = read?.actions.get(name.toLowerCase())
        return [one?.name, one?.types]
      })
      const isSame = read?.actions.size === actions.length && JSON.stringify(found) === JSON.stringify(expected)
      return isSame ? [] : [service]
    })
    expect(wrong).toEqual([])
  })
})

describe('every action', () => {
  it('has a valid statement or none, for resources of its own types and of others', () => {
    let count = 0
    const wrong: string[] = []
    for (const service of PACKED) {
      const { actions, forms } = publishedIn(service)
      const all = [...forms.values()].flat().map(form => filledForm(form, 'name-1', ACCOUNT))
      for (const [index, { name, types }] of actions.entries()) {
        const own = types.flatMap(type => forms.get(type) ?? []).map(form => filledForm(form, 'name-1', ACCOUNT))
        const others = Array.from(
          { length: Math.min(8, all.length) },
          (_, step) => all[(index * 7 + step) % all.length] ?? '',
        )
        for (const resource of [...own, ...others, 'name-1', '*', null]) {
          const answer = answered(`${service}:${name}`, resource)
          if (answer.kind === 'suggested') count += 1
          if (!isValidByData(service, answer)) wrong.push(`${service}:${name} ${resource}`)
        }
      }
    }
    expect(wrong).toEqual([])
    expect(count).toBeGreaterThan(10_000)
  })

  it('has a statement for a resource of its own type', () => {
    const missing: string[] = []
    let count = 0
    for (const service of PACKED) {
      const { actions, forms } = publishedIn(service)
      for (const { name, types } of actions) {
        if (types.length === 0) continue
        count += 1
        const own = types.flatMap(type => forms.get(type) ?? []).map(form => filledForm(form, 'name-1', ACCOUNT))
        if (!own.some(resource => answered(`${service}:${name}`, resource).kind === 'suggested'))
          missing.push(`${service}:${name}`)
      }
    }
    expect(count).toBeGreaterThan(5_000)
    expect(missing.filter(name => !ACTIONS.some(action => action.name === name))).toEqual([])
  })
})
