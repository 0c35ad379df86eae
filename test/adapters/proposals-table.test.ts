import {
  ConditionalCheckFailedException,
  DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb'
import { mockClient } from 'aws-sdk-client-mock'
import { describe, expect, it } from 'vitest'
import { proposalsTable } from '../../functions/adapters/aws/dynamodb/proposals-table.ts'
import {
  type Attributes,
  attributesOf,
  occurrenceItem,
  occurrenceKey,
  proposalItem,
  proposalKey,
} from '../../functions/adapters/aws/dynamodb/table-items.ts'
import { OCCURRENCE_DUE, PROPOSALS_DUE } from '../../functions/adapters/aws/dynamodb/table-keys.ts'
import { signCount, stepUp } from '../../functions/domain/stored/markers.ts'
import { firstOccurrence } from '../../functions/domain/stored/stored-occurrence.ts'
import type { ProposalStore } from '../../functions/ports/proposal-store.ts'
import { SILENT_OBSERVER } from '../../functions/ports/silent-observer.ts'
import { click, NOWHERE } from '../decide/decide-fixture.ts'
import { memoryStore } from '../fakes/memory-store.ts'
import { CARD, DENIAL, NOON, sampleProposal } from '../fakes/sample-proposal.ts'
import { storeContract } from '../store-contract.ts'

storeContract('in memory', async () => memoryStore())

describe('the proposals table', () => {
  it('knows its own write again when its answer was lost and the SDK sent it twice', async () => {
    const client = new DynamoDBClient({ region: 'eu-west-1' })
    const mock = mockClient(client)
    let stored: Record<string, unknown> | undefined
    mock.on(PutItemCommand).callsFake(input => {
      stored = input.Item
      throw new ConditionalCheckFailedException({ message: 'the second copy', $metadata: {} })
    })
    mock.on(GetItemCommand).callsFake(() => ({ Item: stored }))
    const proposal = sampleProposal()
    expect(await proposalsTable({ client, tableName: 't', observer: SILENT_OBSERVER }).create(proposal)).toEqual({
      ok: true,
      value: proposal,
    })
  })

  it('may forget a page that waits for a passkey once it is over, and no other marker', async () => {
    const client = new DynamoDBClient({ region: 'eu-west-1' })
    const items: Record<string, unknown>[] = []
    mockClient(client)
      .on(PutItemCommand)
      .callsFake(({ Item }) => void items.push(Item))
    const table = proposalsTable({ client, tableName: 't', observer: SILENT_OBSERVER })
    const request = { ...CARD, cardOf: 'p-1', origin: NOWHERE, click: click('approve').click }
    const page = { request, digest: 'd', atMs: NOON, expiresAtMs: 300_001, isUsed: false }
    await table.putMarker(stepUp('0'.repeat(32)), 0, page)
    await table.putMarker(signCount('a'), 0, { count: 1, of: 'a' })
    // Whole seconds, as DynamoDB takes them, and never before the end.
    expect(items.map(({ expiresAt }) => expiresAt)).toEqual([{ N: '301' }, undefined])
  })

  it('refuses an item that DynamoDB could not hold, in words', async () => {
    const client = new DynamoDBClient({ region: 'eu-west-1' })
    const big = sampleProposal({ denial: { ...sampleProposal().denial, message: 'x'.repeat(400_000) } })
    await expect(proposalsTable({ client, tableName: 't', observer: SILENT_OBSERVER }).create(big)).rejects.toThrow(
      /holds 380000 per item/,
    )
  })
})

describe('an item that does not parse', () => {
  const [FIRST_DUE, ...OTHERS_DUE] = PROPOSALS_DUE
  // An open card as earlier versions stored it.
  const written = { ...proposalItem(sampleProposal({ id: 'p-good', dueAtMs: NOON }), 'w'), dueKind: FIRST_DUE }
  const { v: _, ...unversioned } = written
  const seen = occurrenceItem(firstOccurrence(DENIAL, 'f-good', NOON), { version: 1, writeId: 'w', graceMs: 0 })
  const table: { readonly [pk: string]: Attributes } = {
    'proposal#p-bad': { ...written, pk: 'proposal#p-bad', document: '{"status":"granted"}' },
    'proposal#p-cut': { ...written, pk: 'proposal#p-cut', document: written.document.slice(0, 200) },
    'proposal#p-alien': { pk: 'proposal#p-alien', version: 1, status: 'open' },
    'proposal#p-other': { ...written, pk: 'proposal#p-other' },
    'proposal#p-unversioned': { ...unversioned, pk: 'proposal#p-unversioned' },
    'proposal#p-newer': { ...written, pk: 'proposal#p-newer', v: 3 },
    'proposal#p-good': written,
    [occurrenceKey('f-bad')]: { ...seen, pk: occurrenceKey('f-bad'), document: '{}' },
    [occurrenceKey('f-good')]: seen,
  }

  function setUp() {
    const client = new DynamoDBClient({ region: 'eu-west-1' })
    const mock = mockClient(client)
    mock.on(QueryCommand).callsFake(({ IndexName, ExpressionAttributeValues: values }) => {
      if (OTHERS_DUE.some(kind => values?.[':kind']?.S === kind)) return { Items: [] }
      const occurrences = IndexName === 'place' || values?.[':kind']?.S === OCCURRENCE_DUE
      const keys = Object.keys(table).filter(pk => pk.startsWith(occurrences ? occurrenceKey('') : proposalKey('')))
      // Any writer of the table can give any item the keys of an index.
      const misplaced = occurrences ? 'proposal#p-good' : occurrenceKey('f-good')
      return { Items: [misplaced, ...keys].map(pk => attributesOf({ pk })) }
    })
    mock.on(GetItemCommand).callsFake(({ Key }) => ({ Item: attributesOf(table[Key?.pk?.S ?? ''] ?? {}) }))
    const reported: string[] = []
    const observer = {
      log: (level: string, message: string, fields = {}) =>
        void reported.push(`${level} ${message} ${Object.values(fields)[0]}`),
      count: (metric: string) => void reported.push(metric),
    }
    return { mock, reported, store: proposalsTable({ client, tableName: 't', observer }) }
  }

  it.each([
    ['what is due', async (store: ProposalStore) => (await store.due(NOON, 10)).map(({ id }) => id), ['p-good']],
    ['what is open', async (store: ProposalStore) => (await store.open(10)).map(({ id }) => id), ['p-good']],
    [
      'occurrences without a proposal',
      async (store: ProposalStore) => (await store.dueOccurrences(NOON, 10)).map(({ fingerprint }) => fingerprint),
      ['f-good'],
    ],
    [
      'the occurrences of an account',
      async (store: ProposalStore) =>
        (await store.occurrencesBetween('111122223333', 'eu-west-1', 0, NOON)).map(({ fingerprint }) => fingerprint),
      ['f-good'],
    ],
  ] as const)('is left out of %s, reported, and never written over', async (_, list, good) => {
    const { mock, reported, store } = setUp()
    expect(await list(store)).toEqual(good)
    const bad =
      good[0] === 'p-good'
        ? [
            occurrenceKey('f-good'),
            ...['bad', 'cut', 'alien', 'other', 'unversioned', 'newer'].map(name => `proposal#p-${name}`),
          ]
        : ['proposal#p-good', occurrenceKey('f-bad')]
    expect(reported).toEqual(bad.flatMap(pk => ['ItemsSetAside', `error item_set_aside ${pk}`]))
    expect([...mock.commandCalls(PutItemCommand), ...mock.commandCalls(UpdateItemCommand)]).toEqual([])
  })

  it('is an error where that very item is needed, and says where it differs without showing it', async () => {
    const { reported, store } = setUp()
    await expect(store.get('p-bad')).rejects.toThrow(/^proposal#p-bad cannot be read: version 2: status: /)
    await expect(store.get('p-cut')).rejects.toThrow('proposal#p-cut cannot be read: version 2: it is not JSON')
    await expect(store.get('p-other')).rejects.toThrow(
      'proposal#p-other cannot be read: its value is that of proposal#p-good',
    )
    await expect(store.get('p-unversioned')).rejects.toThrow(/has the form from before versions/)
    await expect(store.get('p-newer')).rejects.toThrow(
      /version 3 is newer than 2, .* deploy the release that wrote it$/,
    )
    await expect(store.occurrence('f-bad')).rejects.toMatchObject({ code: 'item-unreadable' })
    expect(reported.filter(line => line === 'ItemsSetAside')).toHaveLength(6)
  })
})
