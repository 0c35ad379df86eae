import { existsSync, globSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import american from 'dictionary-en'
import british from 'dictionary-en-gb'
import nspell from 'nspell'
import { beforeAll, describe, expect, it } from 'vitest'
import { COMMAND_NAMES } from '../../cli/commands.ts'
import { docsPage } from '../../cli/version.ts'
import { asInstalled, documents, shownCommands } from '../package/shown-commands.ts'

const root = resolve(import.meta.dirname, '../..')
const text = (file: string) => readFileSync(join(root, file), 'utf8')
const files = [...documents(root), 'CHANGELOG.md', 'docs/adr/README.md']

/** As GitHub makes them. https://docs.github.com/en/get-started/writing-on-github */
const anchorsOf = (markdown: string): readonly string[] =>
  [...withoutCode(markdown, false).matchAll(/^#{1,6} (.+)$/gm)].map(([, heading = '']) =>
    heading
      .replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1')
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  )

const withoutCode = (markdown: string, spans = true): string => {
  const blocks = markdown.replaceAll(/^( *)```[\s\S]*?^\1```$/gm, '').replaceAll(/<!--[\s\S]*?-->/g, '')
  return spans ? blocks.replaceAll(/`[^`\n]*`/g, ' ') : blocks
}

describe.each(files)('%s', file => {
  it('links to what exists', () => {
    const links = [...withoutCode(text(file)).matchAll(/\]\(([^)\s]+)\)/g)].map(([, link = '']) => link)
    const broken = links
      .filter(link => !/^[a-z]+:/.test(link))
      .filter(link => {
        const [path = '', anchor] = link.split('#')
        const target = path === '' ? file : join(dirname(file), path)
        if (!existsSync(join(root, target))) return true
        return anchor !== undefined && target.endsWith('.md') && !anchorsOf(text(target)).includes(anchor)
      })
    expect(broken).toEqual([])
  })

  it('links to other sites by https, and defines what it refers to', () => {
    expect([...text(file).matchAll(/http:\/\/(?!127\.0\.0\.1|localhost)[^\s)>]+/g)].map(([link]) => link)).toEqual([])
    const used = [...withoutCode(text(file)).matchAll(/\]\[(\w+)\]/g)].map(([, name]) => name)
    const defined = [...text(file).matchAll(/^\[(\w+)\]: https:/gm)].map(([, name]) => name)
    expect(used.filter(name => !defined.includes(name))).toEqual([])
  })
})

describe('the messages of the command line', () => {
  const sources = globSync('cli/**/*.ts', { cwd: root })

  it('name pages by their address, as the package has none', () => {
    const asFiles = sources.flatMap(file =>
      [...text(file).matchAll(/^(?!\s*(?:\/\*\*|\*|\/\/)).*\bdocs\/[\w-]+\.(?:md|json|yaml)\b.*$/gm)].map(() => file),
    )
    // Two helps, which --help leads to their page, and the manifest, which the package has.
    expect(asFiles.sort()).toEqual([
      'cli/commands/doctor.ts',
      'cli/commands/operate/passkeys.ts',
      'cli/use-cases/chat/slack-manifest.ts',
    ])
    expect(docsPage('deploy.md')).toMatch(/^https:\/\/[\w./-]+\/blob\/v\d+\.\d+\.\d+\/docs\/deploy\.md$/)
  })

  it('name pages and sections that exist', () => {
    const named = sources.flatMap(file =>
      [...text(file).matchAll(/docsPage\('([^']+)'\)/g)].map(([, page = '']) => page),
    )
    expect(named.length).toBeGreaterThan(10)
    for (const page of new Set(named)) {
      const [name = '', anchor] = page.split('#')
      const anchors = anchorsOf(text(`docs/${name}`))
      if (anchor !== undefined) expect(anchors, page).toContain(anchor)
    }
  })
})

describe('spelling', () => {
  /** Technical terms and names, in lower case. */
  const own = text('test/packaging/words.txt')
    .split('\n')
    .filter(word => word !== '')
  let right: (word: string) => boolean
  beforeAll(() => {
    const [one, other] = [nspell(american), nspell(british)]
    right = word => one.correct(word) || other.correct(word) || own.includes(word.toLowerCase())
  })

  /** Words of prose: excludes code, URLs, paths, names with a dot, and words with a digit or an inner capital. */
  const wordsOf = (markdown: string): readonly string[] =>
    withoutCode(markdown)
      .replaceAll(/\]\([^)]*\)/g, ']')
      .replaceAll(/<[^>]+>|https?:\/\/\S+|^\[\w+\]: .*$/gm, ' ')
      .split(/[^\p{L}\p{N}'’@:/._-]+/u)
      .flatMap(word => (/[\p{N}@:/_]|\w\.\w/u.test(word) ? [] : word.split(/[-.]/)))
      .map(word => word.replaceAll('’', "'").replaceAll(/^'+|'+$|'s$/g, ''))
      .filter(word => word.length > 2 && !/^.\S*[A-Z]/.test(word))

  it.each(files)('of %s', file => {
    const wrong = [...new Set(wordsOf(text(file)))].filter(word => !right(word))
    expect(wrong, 'a term of the field goes to test/packaging/words.txt').toEqual([])
  })

  it('notices a word that is wrong', () => {
    expect(['denial', 'licence', 'license', 'denail'].map(word => right(word))).toEqual([true, true, true, false])
  })
})

describe('the commands that are shown', () => {
  const shown = shownCommands(root)

  it('are commands that the package test runs, or a reason says why not', () => {
    const unclear = shown.filter(
      ({ command, notRun }) => notRun === null && !/^rolemedic |\| rolemedic /.test(asInstalled(command)),
    )
    expect(unclear).toEqual([])
    expect(shown.filter(({ notRun }) => notRun === null).length).toBeGreaterThan(20)
  })

  it('name commands and scripts that exist', () => {
    const scripts = Object.keys((JSON.parse(text('package.json')) as { readonly scripts: object }).scripts)
    const everything = files.map(text).join('\n')
    const named = [...everything.matchAll(/`(?:npx )?rolemedic ([a-z][a-z-]*)/g)].map(([, name = '']) => name)
    expect([...new Set(named)].filter(name => ![...COMMAND_NAMES, 'help'].some(one => one === name))).toEqual([])
    const run = [...everything.matchAll(/npm run ([a-z][\w:-]*)/g)].map(([, name = '']) => name)
    expect([...new Set(run)].filter(name => !scripts.includes(name))).toEqual([])
  })
})

describe('README.md', () => {
  it('has the order in which a stranger reads, in at most 900 words', () => {
    const readme = text('README.md')
    expect(readme.split(/\s+/).filter(word => /\w/.test(word)).length).toBeLessThanOrEqual(900)
    expect(readme.indexOf('![')).toBeLessThan(readme.indexOf('rolemedic detects'))
    expect([...withoutCode(readme).matchAll(/^## (.+)$/gm)].map(([, title]) => title)).toEqual([
      'Try',
      'What it does',
      'Install',
      'Deploy',
      'Safety',
      'Measured',
      'Limits',
    ])
  })

  it('has an index of the documents in docs/, in five parts, each page once', () => {
    const index = text('docs/README.md')
    expect([...index.matchAll(/^## (.+)$/gm)].map(([, title]) => title)).toEqual([
      'Try',
      'Deploy',
      'Operate',
      'Audit',
      'Reference',
    ])
    for (const file of documents(root).filter(name => /^docs\/(?!README)/.test(name)))
      expect(index.split(`](${file.slice('docs/'.length)})`), file).toHaveLength(2)
  })
})

describe('SECURITY.md', () => {
  it('stops the bot as the runbooks do: with a concurrency of 0, work of write becomes dead letters that nobody can move back', () => {
    expect(text('docs/runbooks.md')).toMatch(/^npx rolemedic stop [\s\S]*Do not set its concurrency to 0 instead/m)
    expect(text('SECURITY.md')).toContain('[`rolemedic stop`](docs/runbooks.md)')
    expect(text('SECURITY.md')).not.toMatch(/concurrency/i)
  })
})

/** Until the package name is registered, `npx` outside of a clone would run what somebody else publishes under it. */
const NOT_PUBLISHED =
  'The name `rolemedic` is not published on npm yet: run `npx rolemedic` in a clone of this repository, after `npm ci`.'
const FROM_THE_REGISTRY =
  /\bnpx (?:--?\w+ )*rolemedic\b|\bnpm (?:i|install|add) (?:-g|--global) (?:--?\w+ )*rolemedic\b|\bnpm (?:i|install|add) rolemedic\b/

describe('a command that takes the package from the registry', () => {
  const pages = [
    'README.md',
    ...readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' })
      .filter(name => name.endsWith('.md'))
      .map(name => `docs/${name}`),
    'infra/terraform/README.md',
  ].filter(file => FROM_THE_REGISTRY.test(text(file).replaceAll(NOT_PUBLISHED, '')))

  it.each(pages)('comes in %s after the sentence that the name is not published yet', file => {
    const [before = ''] = text(file).replaceAll(NOT_PUBLISHED, '(said)').split(FROM_THE_REGISTRY)
    expect(before).toContain('(said)')
  })

  it.each(pages)('installs in %s nothing but in a section with that sentence', file => {
    const sections = text(file)
      .split(/^(?=## )/m)
      .filter(section => /\bnpm (?:i|install|add) .*\brolemedic\b/.test(section))
    expect(sections.filter(section => !section.includes(NOT_PUBLISHED))).toEqual([])
  })
})
