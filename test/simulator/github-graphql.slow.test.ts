import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { nodeIdOf, updateRefs } from '../../simulator/git-host/github-graphql.ts'
import { type HostedProject, hostedProject } from '../../simulator/git-host/hosted-project.ts'

const folder = mkdtempSync(join(tmpdir(), 'rolemedic-graphql-'))
const NONE = '0'.repeat(40)
const QUERY = 'mutation ($input: UpdateRefsInput!) { updateRefs(input: $input) { clientMutationId } }'
let project: HostedProject
let base: string
let ours: string
let beside: string

beforeAll(async () => {
  project = await hostedProject(folder, { name: 'acme/orders', files: [{ path: 'main.tf', text: '#\n' }] })
  base = (await project.git.head('main')) ?? ''
  await project.git.setBranch('ours', base)
  ours = await project.push('ours', [{ path: 'main.tf', text: '# ours\n' }], 'ours')
  await project.git.setBranch('beside', base)
  beside = await project.push('beside', [{ path: 'main.tf', text: '# beside\n' }], 'beside')
})
afterAll(() => rmSync(folder, { recursive: true }))

const send = (
  update: object,
  { query = QUERY, visible = [project], more = {} }: { query?: string; visible?: HostedProject[]; more?: object } = {},
) => {
  const refUpdates = [{ name: 'refs/heads/ours', beforeOid: ours, afterOid: beside, force: true, ...update }]
  const variables = { input: { repositoryId: nodeIdOf(project), refUpdates, ...more } }
  const request = { method: 'POST', path: [], query: new URLSearchParams(), headers: {}, body: { query, variables } }
  return updateRefs(request, visible)
}
const done = { status: 200, body: { data: { updateRefs: { clientMutationId: null } } } }
const refusedWith = (type: string) => ({ status: 200, body: { data: { updateRefs: null }, errors: [{ type }] } })

describe('updateRefs of the local Git host', () => {
  it('moves a branch from where it ends, makes one from nothing and deletes one', async () => {
    expect(await send({ name: 'refs/heads/new', beforeOid: NONE })).toMatchObject(done)
    expect(await project.git.head('new')).toBe(beside)
    expect(await send({ name: 'refs/heads/new', beforeOid: beside, afterOid: ours })).toMatchObject(done)
    expect(await project.git.head('new')).toBe(ours)
    expect(await send({ name: 'refs/heads/new', beforeOid: ours, afterOid: NONE })).toMatchObject(done)
    expect(await project.git.head('new')).toBeNull()
  })

  it('moves a branch forward without force', async () => {
    await project.git.setBranch('forward', base)
    const update = { name: 'refs/heads/forward', beforeOid: base, force: false }
    expect(await send(update)).toMatchObject(done)
    expect(await project.git.head('forward')).toBe(beside)
  })

  it.each([
    ['of a branch that ends elsewhere', () => send({ beforeOid: base }), 'UNPROCESSABLE'],
    ['of a branch that should not be there', () => send({ beforeOid: NONE }), 'UNPROCESSABLE'],
    ['to the side without force', () => send({ force: false }), 'UNPROCESSABLE'],
    ['of the default branch', () => send({ name: 'refs/heads/main', beforeOid: base }), 'UNPROCESSABLE'],
    ['in a repository that the token does not see', () => send({}, { visible: [] }), 'NOT_FOUND'],
  ])('refuses a move %s', async (_, sent, type) => {
    expect(await sent()).toMatchObject(refusedWith(type))
    expect(await project.git.head('ours')).toBe(ours)
    expect(await project.git.head('main')).toBe(base)
  })

  it.each([
    ['another mutation', () => send({}, { query: QUERY.replace('updateRefs', 'deleteRef') })],
    ['a tag', () => send({ name: 'refs/tags/v1' })],
    ['a short commit', () => send({ afterOid: 'abc' })],
    ['an unknown field', () => send({ oid: beside })],
    ['no update', () => send({}, { more: { refUpdates: [] } })],
  ])('does not take %s', async (_, sent) => {
    expect(await sent()).toMatchObject({ status: 200, body: { errors: [{ message: expect.any(String) }] } })
    expect(await project.git.head('ours')).toBe(ours)
  })
})
