import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import type { ServiceFacts } from '../../../core/denial/passed-service/service-facts.ts'
import { packedText } from '../../../core/service-actions/index.ts'
import { indexOf, readFacts } from '../../../tools/facts/fact-folder.ts'
import { mergeFacts } from '../../../tools/facts/merge-facts.ts'
import { actionsReport } from '../../../tools/facts/published-actions.ts'
import { rowsOfTable } from '../../../tools/facts/published-row.ts'
import { fetchReference, rowsOfReference, SERVICE_LIST } from '../../../tools/facts/service-reference.ts'

const recorded = (name: string): unknown =>
  JSON.parse(readFileSync(new URL(`service-reference/${name}.json`, import.meta.url), 'utf8'))
const FROM = 'https://servicereference.us-east-1.amazonaws.com/v1/rds/rds.json'
const RDS: ServiceFacts = {
  service: 'rds.amazonaws.com',
  sources: {},
  calls: [
    {
      sends: { 'managed-policy': { 'monitoring.rds.amazonaws.com': 'SomePolicy', 'rds.amazonaws.com': 'Another' } },
      operations: { CreateDBInstance: [{ role: 'monitoringRoleArn', assumedBy: ['monitoring.rds.amazonaws.com'] }] },
    },
    { sends: { trust: ['rds.amazonaws.com'] }, operations: { CreateDBProxy: ['roleArn'] } },
  ],
}
const row = (operation: string, ...values: string[]) => ({ service: 'rds', operation, values, from: FROM })
const merged = (facts: ServiceFacts, ...rows: ReturnType<typeof row>[]) => {
  const { facts: after, changes } = mergeFacts(new Map([['rds', facts]]), rows, '2026-12-01')
  return {
    after: after.get('rds'),
    changes: changes.map(({ kind, operation, text }) => `${kind} ${operation}: ${text}`),
  }
}

describe('AWS’s service reference', () => {
  it('names the operations that authorize iam:PassRole, with their values', () => {
    expect(rowsOfReference(recorded('batch')).map(({ operation, values }) => [operation, values])).toEqual([
      ['RegisterJobDefinition', ['ecs-tasks.amazonaws.com']],
      [
        'CreateComputeEnvironment',
        ['batch.amazonaws.com', 'ec2.amazonaws.com', 'ecs.amazonaws.com', 'spotfleet.amazonaws.com'],
      ],
    ])
  })

  it('may name one operation for several clients, and an operation without a value', () => {
    expect(rowsOfReference(recorded('rds'))).toEqual([
      row('CreateDBInstance', 'rds-preview.amazonaws.com', 'rds.amazonaws.com'),
    ])
    expect(rowsOfReference(recorded('cloudcontrol'))).toMatchObject([
      { service: 'cloudcontrolapi', operation: 'CreateResource', values: [] },
    ])
  })

  it('is fetched service by service, from AWS’s own host alone', async () => {
    const asked: string[] = []
    const serve = (list: unknown) => async (url: unknown) => {
      asked.push(String(url))
      return Response.json(url === SERVICE_LIST ? list : recorded('rds'))
    }
    const rows = await fetchReference(serve([{ service: 'rds', url: FROM }]) as typeof fetch)
    expect(rows).toEqual([row('CreateDBInstance', 'rds-preview.amazonaws.com', 'rds.amazonaws.com')])
    expect(asked).toEqual([SERVICE_LIST, FROM])
    const elsewhere = serve([{ service: 'rds', url: 'https://example.com/rds.json' }]) as typeof fetch
    await expect(fetchReference(elsewhere)).rejects.toThrow('another host')
  })

  it('is not taken where it has another form', () => {
    expect(() => rowsOfReference({ Operations: [] })).toThrow()
    expect(() => rowsOfReference('<html>')).toThrow()
  })
})

describe('a table of operations', () => {
  it('is read without its comments and without other actions', () => {
    const text = [
      '# read 25 November 2026',
      'prefix\tsdk_client\toperation\tpassed_to_service\tother_static_keys\tcommit\taction',
      'rds\tdocdb\tCreateDBInstance\trds.amazonaws.com\t\t4be7d6f6\t',
      'rds\trds\tCreateDBInstance\trds-preview.amazonaws.com,rds.amazonaws.com\t\t4be7d6f6\t',
      'codebuild\t\tCreateFleet\t\t\t63cf41d6\t',
      'iam\t\tCreateServiceLinkedRole\t\t\t4be7d6f6\tiam:CreateServiceLinkedRole',
    ].join('\n')
    expect(rowsOfTable(text).map(({ service, operation, values }) => [service, operation, values])).toEqual([
      ['rds', 'CreateDBInstance', ['rds.amazonaws.com', 'rds-preview.amazonaws.com']],
      ['codebuild', 'CreateFleet', []],
    ])
    expect(() => rowsOfTable('prefix\tsdk\toperation\nrds')).toThrow('not a row')
  })
})

describe('what is published, laid over what is known', () => {
  it('outranks other evidence, keeps the role parameter, and keeps what its own policies say otherwise', () => {
    const { after, changes } = merged(RDS, row('CreateDBInstance', 'rds.amazonaws.com', 'rds-preview.amazonaws.com'))
    expect(after?.calls[0]).toEqual({
      sends: {
        published: ['rds.amazonaws.com'],
        preview: ['rds-preview.amazonaws.com'],
        'managed-policy': { 'monitoring.rds.amazonaws.com': 'SomePolicy' },
      },
      operations: { CreateDBInstance: [{ role: 'monitoringRoleArn', assumedBy: ['monitoring.rds.amazonaws.com'] }] },
    })
    expect(after?.sources.published).toEqual({ from: FROM, on: '2026-12-01' })
    expect(changes).toHaveLength(1)
    expect(changes[0]).toMatch(/^changed CreateDBInstance: .* → published rds\.amazonaws\.com; preview/)
  })

  it('leaves a guess a guess where it has no value', () => {
    const { after } = merged(RDS, row('CreateDBProxy'))
    expect(after?.calls.at(-2)).toEqual({
      sends: { published: [], trust: ['rds.amazonaws.com'] },
      operations: { CreateDBProxy: ['roleArn'] },
    })
  })

  it('tells a new operation, whose role parameter somebody has to add', () => {
    const { after, changes } = merged(RDS, row('CreateTenant', 'rds.amazonaws.com'))
    expect(after?.calls[0]).toEqual({ sends: { published: ['rds.amazonaws.com'] }, operations: { CreateTenant: [] } })
    expect(changes).toEqual([
      'new CreateTenant: published rds.amazonaws.com; the parameter that holds the role is not known: add it by hand',
    ])
  })

  it('keeps what a partial table no longer lists, and says so', () => {
    const once = merged(RDS, row('CreateDBInstance', 'rds.amazonaws.com')).after ?? RDS
    const { after, changes } = merged(once, row('CreateDBProxy', 'rds.amazonaws.com'))
    expect(after?.calls.flatMap(({ operations }) => Object.keys(operations)).sort()).toEqual([
      'CreateDBInstance',
      'CreateDBProxy',
    ])
    expect(changes).toContainEqual(expect.stringMatching(/^unlisted CreateDBInstance: no longer listed; kept/))
  })

  it('is nothing new the second time', () => {
    const rows = [row('CreateDBInstance', 'rds.amazonaws.com'), row('CreateDBProxy')]
    expect(merged(merged(RDS, ...rows).after ?? RDS, ...rows).changes).toEqual([])
  })

  it('takes a value from a role that is no longer sent', () => {
    const both = ['batch.amazonaws.com', 'ec2.amazonaws.com']
    const facts: ServiceFacts = {
      ...RDS,
      calls: [
        {
          sends: { published: both },
          operations: {
            Create: [
              { role: 'a', sends: ['ec2.amazonaws.com'] },
              { role: 'b', sends: both },
            ],
          },
        },
      ],
    }
    const { after } = merged(facts, row('Create', 'batch.amazonaws.com'))
    expect(after?.calls[0]?.operations).toEqual({ Create: ['a', { role: 'b', sends: ['batch.amazonaws.com'] }] })
  })
})

describe('the data', () => {
  const facts = readFacts()
  const calls = [...facts].flatMap(([service, one]) =>
    one.calls.map(call => ({ service, sources: one.sources, ...call })),
  )

  it('has a file for each service that it knows, under the name of its event source', () => {
    expect([...facts].filter(([name, { service }]) => service !== `${name}.amazonaws.com`)).toEqual([])
    expect(facts.size).toBeGreaterThan(170)
  })

  it('has each operation once', () => {
    const names = calls.flatMap(({ service, operations }) => Object.keys(operations).map(name => `${service} ${name}`))
    expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([])
    expect(names.length).toBeGreaterThan(900)
  })

  it('names only service principals, and says where each kind of evidence is from and when it was read', () => {
    const services = calls.flatMap(({ sends, operations }) => [
      ...(sends.published ?? []),
      ...(sends.preview ?? []),
      ...Object.keys(sends['managed-policy'] ?? {}),
      ...(sends.trust ?? []),
      ...Object.values(operations)
        .flat()
        .flatMap(role => (typeof role === 'string' ? [] : [...(role.sends ?? []), ...(role.assumedBy ?? [])])),
    ])
    expect(services.filter(service => !/^[a-z0-9-]+(\.[a-z0-9-]+)*\.amazonaws\.com$/.test(service))).toEqual([])
    const unsourced = calls.filter(({ sends, sources }) =>
      (['published', 'managed-policy', 'trust'] as const).some(
        evidence => sends[evidence] !== undefined && !/^\d{4}-\d\d-\d\d$/.test(sources[evidence]?.on ?? ''),
      ),
    )
    expect(unsourced.map(({ service }) => service)).toEqual([])
  })

  it('sends for a role only what the call sends', () => {
    const wrong = calls.flatMap(({ service, sends, operations }) => {
      const all = [...(sends.published ?? []), ...Object.keys(sends['managed-policy'] ?? {}), ...(sends.trust ?? [])]
      return Object.entries(operations).flatMap(([name, roles]) =>
        roles.some(role => typeof role !== 'string' && role.sends?.some(value => !all.includes(value)) === true)
          ? [`${service} ${name}`]
          : [],
      )
    })
    expect(wrong).toEqual([])
  })

  it('is listed in the registry', () => {
    const index = new URL('../../../core/denial/passed-service/fact-files.ts', import.meta.url)
    const lines = (text: string) =>
      text
        .replaceAll("'", '')
        .split('\n')
        .filter(line => line !== '')
        .sort()
    expect(lines(readFileSync(index, 'utf8'))).toEqual(lines(indexOf([...facts.keys()])))
  })
})

describe('the packed actions', () => {
  it('say their version, their age and the room that they take', () => {
    const text = packedText().replace(/^\S+ \S+/, '0.21.202609261 2026-09-26')
    expect(actionsReport(text, '2026-10-06')).toMatch(
      /^Actions of \d{3} services from @cloud-copilot\/iam-data 0\.21\.202609261, 10 days old \(2026-09-26\): 3\d{4} bytes in a bundle\.$/,
    )
  })
})
