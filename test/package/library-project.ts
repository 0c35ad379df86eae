/** The library in a separate project: installed, type-checked and run as the documents show. */
import { copyFileSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { npm, root, run } from './installed.ts'

export type Example = { readonly title: string; readonly code: string; readonly prints: string }

/** Each with the output that the page shows. */
export function libraryExamples(): readonly Example[] {
  const page = readFileSync(join(root, 'docs/library.md'), 'utf8')
  return [...page.matchAll(/^## (.+)\n+```ts\n([\s\S]*?)^```\n+It prints:\n+```text\n([\s\S]*?)^```$/gm)].map(
    ([, title = '', code = '', prints = '']) => ({ title, code, prints }),
  )
}

export function libraryProject(node: string, tarball: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'rolemedic-library-'))
  writeFileSync(join(folder, 'package.json'), '{"name":"project","private":true,"type":"module"}')
  copyFileSync(join(root, 'events/ecs-register-task-definition.json'), join(folder, 'event.json'))
  copyFileSync(join(root, 'events/accounts/orders-dev.json'), join(folder, 'account.json'))
  const { code, err } = npm(node, ['i', '--offline', '--no-audit', '--no-fund', tarball], folder)
  if (code !== 0) throw new Error(err)
  return folder
}

/** The errors of tsc for `files`, with its strictest settings, including the package's own declarations. */
export function typeErrors(folder: string, files: { readonly [name: string]: string }): string {
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text)
  const compilerOptions = {
    ...{ strict: true, noEmit: true, module: 'nodenext', target: 'es2022', skipLibCheck: false },
    ...{ exactOptionalPropertyTypes: true, noUncheckedIndexedAccess: true, verbatimModuleSyntax: true },
    ...{ types: ['node'], typeRoots: [join(root, 'node_modules/@types')] },
  }
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: Object.keys(files) }))
  return run(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '-p', folder], { cwd: folder }).out
}
