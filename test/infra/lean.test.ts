import { describe, expect, it } from 'vitest'
import { literalKeys, refusing } from '../../infra/lean.ts'

describe('the schemas of the SDK', () => {
  it('get literal keys where the key is a constant of the file', () => {
    const source = 'const _e = "error";\nconst _hE = "httpError";\nvar Gone$ = [-3, n0, _G, { [_e]: _c, [_hE]: 404 }];'
    expect(literalKeys(source)).toContain('{ "error": _c, "httpError": 404 }')
  })

  it('keep a computed key that is not such a constant', () => {
    const source = 'let _e = "error";\nvar Gone$ = [{ [_e]: 1, [other]: 2 }];'
    expect(literalKeys(source)).toBe(source)
  })

  it('keep constants with quotes and line breaks as they are written', () => {
    expect(literalKeys('const _q = "a\\"b\\n";\nvar X = { [_q]: 1 };')).toContain('{ "a\\"b\\n": 1 }')
  })
})

describe('a module that is left out', () => {
  it('has every name that it had, and says why it was left out when one is used', async () => {
    const source = 'function p() {}\nexport function one() {}\nexport const two = () => 1\nexport { p as three };\n'
    const text = refusing(source, 'not in this bundle')
    const left = await import(`data:text/javascript,${encodeURIComponent(text)}`)
    expect(Object.keys(left).sort()).toEqual(['one', 'three', 'two'])
    for (const name of ['one', 'two', 'three']) expect(() => left[name]()).toThrow('not in this bundle')
  })
})
