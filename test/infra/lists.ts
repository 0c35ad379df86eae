/** Compares lists of functions, queues and secrets in documents with the templates, because manual lists become outdated. */
import { readdirSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import { SIZES } from '../../infra/capacity.ts'
import { FUNCTIONS } from '../../infra/functions.ts'
import { deploy, ORGANIZATION, resources } from './deployment.ts'
import { allowed } from './statements.ts'

const root = resolve(import.meta.dirname, '../..')
const deployed = deploy({ organization: ORGANIZATION })

const pages = [
  ...readdirSync(resolve(root, 'docs'))
    .filter(name => name.endsWith('.md'))
    .map(name => `docs/${name}`),
  'README.md',
  'infra/terraform/README.md',
].map(name => ({ name, text: readFileSync(resolve(root, name), 'utf8') }))
const pageOf = (name: string) => pages.find(page => page.name === `docs/${name}.md`)?.text ?? ''

const sorted = (names: Iterable<string>) => [...new Set(names)].toSorted()
const namesOf = (type: string, key: string, stack?: string) =>
  sorted(resources(deployed, type, stack).map(({ Properties }) => String(Properties[key])))
/** Functions that a statement allows an action. */
const withAction = (action: string, resource = '') =>
  sorted(
    allowed(deployed, 'rolemedic-bot')
      .filter(({ actions, resources: of }) => actions.includes(action) && JSON.stringify(of).includes(resource))
      .map(({ role }) => role.replace('rolemedic-', ''))
      .filter(name => FUNCTIONS.some(each => each === name)),
  )

const consumers = withAction('sqs:ReceiveMessage')
const signers = withAction('kms:Sign')
/** Possible subjects of a sentence that lists functions. */
const FACTS: { readonly [what: string]: readonly string[] } = {
  all: sorted(FUNCTIONS),
  'with a queue': consumers,
  'let in by the reader role': withAction('sts:AssumeRole', 'rolemedic-reader'),
  'that write to the audit log': withAction('s3:PutObject'),
  'that call Slack': withAction('secretsmanager:GetSecretValue', 'BotToken'),
  'that sign': signers,
  'that sign nothing': sorted(FUNCTIONS.filter(name => !signers.includes(name))),
}

const ONE = `\`?(?:rolemedic-)?(?:${FUNCTIONS.join('|')})\`?`
const LIST = new RegExp(`(?<![\\w-])${ONE}(?:(?:,|,? and|,? or)\\s${ONE}(?![\\w-])){2,}`, 'g')
const functionsIn = (list: string) => sorted(list.match(new RegExp(`(?:${FUNCTIONS.join('|')})`, 'g')) ?? [])

/** `for name in a b c; do`, and the commands up to `done`. */
const loopsIn = ({ name, text }: { readonly name: string; readonly text: string }) =>
  [...text.matchAll(/^ *for (\w+) in ([^;]+); do\n([\s\S]*?)^ *done$/gm)].map(
    ([, variable, words = '', body = '']) => ({
      ...{ page: name, variable, body },
      words: words.split(' '),
    }),
  )
const loops = pages.flatMap(loopsIn)
const loopsWith = (body: RegExp) => loops.filter(one => body.test(one.body))

const NUMBERS = ['two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine', 'ten']
const numberOf = (word: string) => (/^\d+$/.test(word) ? Number(word) : NUMBERS.indexOf(word.toLowerCase()) + 2)

describe('a list in a document', () => {
  it('of three functions or more is one that the templates have', () => {
    const found = pages.flatMap(({ name, text }) => [...text.matchAll(LIST)].map(([list]) => [name, list] as const))
    expect(found.length).toBeGreaterThan(3)
    const known = Object.values(FACTS).map(names => names.join())
    expect(found.filter(([, list]) => !known.includes(functionsIn(list).join()))).toEqual([])
  })

  it('that a command goes through holds all functions, with the concurrency that each has', () => {
    const stops = loopsWith(/put-function-concurrency/)
    expect(stops.map(({ page }) => page)).toEqual(['docs/runbooks.md', 'docs/runbooks.md'])
    for (const { words } of stops) expect(sorted(words.map(word => word.replace(/:.*/, '')))).toEqual(FACTS['all'])
    const restored = stops.flatMap(({ words }) => words.filter(word => word.includes(':')))
    expect(sorted(restored)).toEqual(sorted(FUNCTIONS.map(name => `${name}:${SIZES[name].atOnce}`)))
    const inTemplate = resources(deployed, 'AWS::Lambda::Function').map(
      ({ Properties }) =>
        `${String(Properties['FunctionName']).replace('rolemedic-', '')}:${Properties['ReservedConcurrentExecutions']}`,
    )
    expect(sorted(restored)).toEqual(sorted(inTemplate))
  })

  it('would be missed with a function too few', () => {
    const text = pageOf('runbooks').replace(/(for name in .*) sweep /, '$1 ')
    const [{ words = [] } = {}] = loopsIn({ name: 'docs/runbooks.md', text })
    expect(FACTS['all']?.filter(name => !words.includes(name))).toEqual(['sweep'])
  })

  it('of what an uninstallation deletes by hand is what the state stack leaves', () => {
    const retained = (type: string, key: string) =>
      sorted(
        resources(deployed, type, 'rolemedic-state')
          .filter(({ DeletionPolicy }) => String(DeletionPolicy).startsWith('Retain'))
          .map(({ Properties }) => String(Properties[key])),
      )
    const deletes = (command: RegExp, prefix: string) =>
      sorted(loopsWith(command).flatMap(({ words }) => words.map(word => `${prefix}${word}`)))
    expect(deletes(/secretsmanager delete-secret/, 'rolemedic/')).toEqual(
      retained('AWS::SecretsManager::Secret', 'Name'),
    )
    expect(deletes(/sqs delete-queue/, 'rolemedic-')).toEqual(retained('AWS::SQS::Queue', 'QueueName'))
    for (const table of retained('AWS::DynamoDB::Table', 'TableName'))
      expect(pageOf('deploy')).toContain(`aws dynamodb delete-table --table-name ${table}\n`)
    // What has no name of its own is listed before the stack goes. The bucket stays.
    const nameless = sorted(
      Object.values(deployed.templates['rolemedic-state']?.Resources ?? {})
        .filter(({ DeletionPolicy }) => String(DeletionPolicy).startsWith('Retain'))
        .flatMap(({ Type }) => (/Secret|Queue|Table|::S3::/.test(Type) ? [] : [Type])),
    )
    const [, query = ''] =
      /describe-stack-resources --stack-name rolemedic-state [^`]*?--query "(.*)"/.exec(pageOf('deploy')) ?? []
    expect(sorted([...query.matchAll(/ResourceType=='([\w:]+)'/g)].map(([, type = '']) => type))).toEqual(nameless)
  })

  it('is as long as its number says', () => {
    const counts: { readonly [what: string]: number } = {
      functions: FUNCTIONS.length,
      queues: resources(deployed, 'AWS::SQS::Queue', 'rolemedic-bot').length,
      'dead-letter queues': resources(deployed, 'AWS::SQS::Queue', 'rolemedic-state').length,
    }
    const counted = pages.flatMap(({ name, text }) =>
      [
        ...text.matchAll(
          /\b(two|three|four|five|six|seven|eight|nine|ten|[2-9])\s(functions|queues|dead-letter queues)\b/g,
        ),
      ].map(([words, number = '', what = '']) => ({ name, words, number: numberOf(number), what })),
    )
    expect(counted.length).toBeGreaterThan(1)
    expect(counted.filter(({ number, what }) => number !== counts[what])).toEqual([])
  })
})

describe('a name in a command of a document', () => {
  it.each([
    ['queue', /(?:--queue-name |queue=)"?(rolemedic-[\w.-]+)/g, namesOf('AWS::SQS::Queue', 'QueueName')],
    ['function', /--function-name "?(rolemedic-[a-z]+)/g, namesOf('AWS::Lambda::Function', 'FunctionName')],
    ['log', /(\/aws\/lambda\/rolemedic-[a-z]+)/g, namesOf('AWS::Logs::LogGroup', 'LogGroupName')],
    ['secret', /--secret-id "?(rolemedic\/[\w-]+)/g, namesOf('AWS::SecretsManager::Secret', 'Name')],
    ['table', /--table-name (rolemedic[\w-]*)/g, namesOf('AWS::DynamoDB::Table', 'TableName')],
  ])('is that of a %s that is deployed', (_kind, pattern, names) => {
    const found = pages.flatMap(({ text }) => [...text.matchAll(pattern)].map(([, name = '']) => name))
    expect(found.length).toBeGreaterThan(0)
    expect(sorted(found).filter(name => !names.includes(name))).toEqual([])
  })
})
