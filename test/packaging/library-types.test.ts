import { describe, expect, it } from 'vitest'
import { bundledDeclarations } from '../../packaging/library-types.ts'

const bundle = (files: { readonly [file: string]: string }) =>
  bundledDeclarations('/index.d.ts', file => {
    const text = files[file]
    if (text === undefined) throw new Error(`${file} was read`)
    return text
  })

describe('the declarations of the library', () => {
  it('are those that the face reaches, through the indexes of rooms, with their comments', () => {
    const text = bundle({
      '/index.d.ts': "import { type Fact } from './room/index.ts';\nexport declare const seen: (fact: Fact) => void;\n",
      '/room/index.d.ts': "export { type Fact, other } from './fact.ts';\nexport { z } from './zod.ts';\n",
      '/room/fact.d.ts':
        'declare const KINDS: readonly ["a"];\n/** What was seen. */\nexport type Fact = (typeof KINDS)[number];\nexport declare const other: 1;\n',
    })
    expect(text).toContain('/** What was seen. */\ndeclare type Fact = (typeof KINDS)[number];')
    expect(text).toContain('declare const KINDS: readonly ["a"];')
    expect(text).not.toContain('other')
    expect(text).toMatch(/\nexport \{ seen \}\n$/)
  })

  it('keep two types of one name apart', () => {
    const text = bundle({
      '/index.d.ts':
        "import type { Evidence } from './a.ts';\nimport type { Evidence as Other } from './b.ts';\nexport type Both = {\n  readonly Evidence: Evidence;\n  readonly other: Other;\n};\n",
      '/a.d.ts': 'export type Evidence = 1;\n',
      '/b.d.ts': 'export type Evidence = 2;\n',
    })
    expect(text).toContain('readonly Evidence: Evidence;\n  readonly other: Evidence_2;')
    expect(text).toContain('declare type Evidence = 1;')
    expect(text).toContain('declare type Evidence_2 = 2;')
  })

  it('refuse what a user of the package could not resolve', () => {
    expect(() => bundle({ '/index.d.ts': "import * as z from 'zod';\nexport type A = z.ZodType;\n" })).toThrow(/zod/)
    expect(() => bundle({ '/index.d.ts': "export type A = import('./b.ts').B;\n" })).toThrow('give it a name')
  })
})
