import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { riskTable } from '../../cli/risk-table.ts'
import { harms } from '../../core/patch/risk/table/catalog.ts'
import { analyzeRisk, pathCases } from '../fixtures/risk/risk-cases.ts'

/** The formatter aligns the columns. */
const plain = (text: string) => text.replace(/-+/g, '-').replace(/ +/g, ' ').trim()

describe('docs/risk.md', () => {
  it('has the table that npm run risk-page writes', () => {
    const page = readFileSync(new URL('../../docs/risk.md', import.meta.url), 'utf8')
    expect(plain(page).endsWith(plain(riskTable()))).toBe(true)
  })

  it('names for every path which level it has on every resource', async () => {
    const printed = new Map(
      riskTable()
        .split('\n')
        .flatMap(line => {
          const path = /\| \[([\w-]+)\]\(https:/.exec(line)?.[1]
          return path === undefined ? [] : [[path, line.split(' | ')[1]?.split(' ')[0]] as const]
        }),
    )
    const everywhere = pathCases().filter(({ variant }) => variant === 'everywhere')
    const levels = await Promise.all(
      everywhere.map(async ({ path, setup }) => [path, (await analyzeRisk(setup, 'pass')).verification?.risk] as const),
    )
    expect(levels.filter(([path, risk]) => risk === 'low' || risk !== printed.get(path))).toEqual([])
    expect(levels.filter(([, risk]) => risk !== 'high').map(([path]) => path)).toEqual([
      'codepipeline-poll-for-jobs',
      'cognito-identity-developer-token',
      'cognito-idp-admin-create-user',
      'cognito-idp-admin-set-password',
      'cognito-idp-admin-add-to-group',
      'cognito-idp-admin-update-attributes',
      'cognito-idp-create-identity-provider',
      'cognito-idp-update-identity-provider',
      'cdk-assets',
      'ecr-put-image',
      'ecr-set-repository-policy',
      'rolesanywhere-create-trust-anchor',
      'acm-pca-issue-certificate',
    ])
    expect(everywhere.length + harms().length).toBe(riskTable().match(/\]\(https:/g)?.length)
  })
})
