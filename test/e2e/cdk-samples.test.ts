/** The TypeScript samples of CDK apps, synthesized before and after the edit. */
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { build } from 'esbuild'
import { beforeAll, describe, expect, it } from 'vitest'
import { canonicalJson } from '../../core/base/canonical-json.ts'
import { parsePolicy } from '../../core/iam/policy/parse-policy.ts'
import { samePolicy } from '../../core/iam/policy/same-policy.ts'
import { changesOf, codeCases, filesOf, runCase } from '../iac/edit/code-case.ts'

const root = resolve(import.meta.dirname, '../..')

/** The first version of CDK is not installed. */
const cases = codeCases().filter(
  ({ name, exact }) => name.startsWith('cdk-typescript/') && exact !== undefined && !name.endsWith('version-1'),
)

type Template = {
  readonly Resources: { readonly [id: string]: { readonly Type: string; readonly Properties?: Members } }
}
type Members = { readonly [key: string]: unknown }

type SourceFile = { readonly path: string; readonly text: string }

/** Runs each app where it was built. An app writes its templates before its process exits, of which there is one for all: loading CDK takes most of the time. */
const SYNTHESIZE = `for (const folder of process.argv.slice(1)) {
  process.chdir(folder)
  process.env.CDK_OUTDIR = folder + '/out'
  require(folder + '/app.cjs')
  process.emit('beforeExit', 0)
}`

async function builtIn(folder: string, files: readonly SourceFile[]): Promise<void> {
  for (const { path, text } of files.filter(({ path }) => path.endsWith('.ts'))) {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), text)
  }
  mkdirSync(join(folder, 'lambda'))
  writeFileSync(join(folder, 'lambda/index.js'), '')
  const entry = files.find(({ text }) => /new (?:cdk\.)?App\(/.test(text))?.path ?? ''
  await build({
    ...{ entryPoints: [join(folder, entry)], outfile: join(folder, 'app.cjs'), bundle: true, platform: 'node' },
    ...{ format: 'cjs', external: ['aws-cdk-lib', 'aws-cdk-lib/*', 'constructs'], logLevel: 'silent' },
  })
}

/** The templates of each app, by its name. */
async function synthesized(apps: ReadonlyMap<string, readonly SourceFile[]>) {
  // Below the checkout, so that the packages are found.
  mkdirSync(join(root, 'node_modules/.cache'), { recursive: true })
  const parent = mkdtempSync(join(root, 'node_modules/.cache/cdk-samples-'))
  const folderOf = (name: string): string => join(parent, name.replaceAll('/', '.'))
  try {
    for (const [name, files] of apps) await builtIn(folderOf(name), files)
    execFileSync(process.execPath, ['-e', SYNTHESIZE, ...[...apps.keys()].map(folderOf)], {
      env: { ...process.env, CDK_CONTEXT_JSON: '{}' },
      stdio: 'pipe',
    })
    return new Map([...apps.keys()].map(name => [name, templatesIn(join(folderOf(name), 'out'))]))
  } finally {
    rmSync(parent, { recursive: true, force: true })
  }
}

const templatesIn = (folder: string): readonly Template[] =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter(name => name.endsWith('.template.json'))
    .sort()
    .map(name => JSON.parse(readFileSync(join(folder, name), 'utf8')))

/** Each statement with the role or policy that has it. */
function statementsIn(templates: readonly Template[]): readonly string[] {
  return templates.flatMap(({ Resources }) =>
    Object.values(Resources).flatMap(({ Properties = {} }) =>
      [Properties['PolicyDocument'], Properties['AssumeRolePolicyDocument']].flatMap(document => {
        const list =
          typeof document === 'object' && document !== null && 'Statement' in document ? document.Statement : []
        const owner = Properties['Roles'] ?? Properties['Users'] ?? Properties['RoleName'] ?? 'itself'
        return Array.isArray(list) ? list.map(statement => canonicalJson({ owner, statement })) : []
      }),
    ),
  )
}

/** All resources except policies and their dependents. */
const restOf = (templates: readonly Template[]): readonly string[] =>
  templates.flatMap(({ Resources }) =>
    Object.entries(Resources)
      .filter(([, { Type }]) => Type !== 'AWS::IAM::Policy')
      .map(([id, { Type, Properties = {} }]) => {
        const { AssumeRolePolicyDocument: _, ...rest } = Properties
        return canonicalJson({ id, Type, rest })
      }),
  )

/** The files of a case, as they are after its edits. */
function editedFiles(one: (typeof cases)[number]): readonly SourceFile[] {
  const outcome = runCase(one)
  if (outcome.outcome !== 'exact') throw new Error(`${one.name}: ${outcome.reason}`)
  return filesOf(one).map(file => ({
    ...file,
    text: outcome.edits.find(({ file: path }) => path === file.path)?.after ?? file.text,
  }))
}

describe('a CDK app after the edit', () => {
  let templates: ReadonlyMap<string, readonly Template[]>

  beforeAll(async () => {
    templates = await synthesized(
      new Map(
        cases.flatMap(one => [
          [`${one.name}/before`, filesOf(one)],
          [`${one.name}/after`, editedFiles(one)],
        ]),
      ),
    )
  })

  it.each(cases.map(one => [one.name, one] as const))('synthesizes exactly one more statement: %s', (name, one) => {
    const [before, after] = [templates.get(`${name}/before`) ?? [], templates.get(`${name}/after`) ?? []]
    expect(before).not.toEqual([])
    expect(restOf(after)).toEqual(restOf(before))
    const was = statementsIn(before)
    const now = statementsIn(after)
    const added = now.filter(one => !was.includes(one))
    expect(was.filter(one => !now.includes(one))).toEqual([])
    const wanted = changesOf(one).flatMap(({ after: document }) => document.Statement)
    expect(added).toHaveLength(wanted.length)
    for (const [index, text] of added.entries()) {
      const read = parsePolicy({ Version: '2012-10-17', Statement: [JSON.parse(text).statement] })
      const approved = wanted[index]
      if (!read.ok || approved === undefined) throw new Error('not a statement')
      expect(samePolicy(read.value, { Version: '2012-10-17', Statement: [approved] })).toBe(true)
    }
  })
})
