import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Diagram, diagramIn, knownOfTheBot, moduleOf, specialised } from '../../infra/lean/endpoints.ts'
import { withoutIt } from '../../infra/lean/left-out.ts'
import { leanPartitions } from '../../infra/lean/partitions.ts'
import { leanSchemas } from '../../infra/lean/schemas.ts'

type Given = Record<string, string | boolean | undefined>

const NOTHING = new Set<string>()

describe('the schemas of the SDK', () => {
  it('get literal keys where the key is a constant of the file', () => {
    const source = 'const _e = "error";\nconst _hE = "httpError";\nvar Gone$ = [-3, n0, _G, { [_e]: _c, [_hE]: 404 }];'
    expect(leanSchemas(source, NOTHING)).toContain('{ "error": _c, "httpError": 404 }')
  })

  it('keep a computed key that is not such a constant', () => {
    const source = 'let _e = "error";\nvar Gone$ = [{ [_e]: 1, [other]: 2 }];'
    expect(leanSchemas(source, NOTHING)).toBe(source)
  })

  it('keep constants with quotes and line breaks as they are written', () => {
    expect(leanSchemas('const _q = "a\\"b\\n";\nvar X = { [_q]: 1 };', NOTHING)).toContain('{ "a\\"b\\n": 1 }')
  })

  it('register the errors that somebody asks for by name, and no others', () => {
    const source = 'n0_registry.registerError(Gone$, Gone);\nn0_registry.registerError(Busy$, Busy);'
    expect(leanSchemas(source, new Set(['Gone'])).trim()).toBe('n0_registry.registerError(Gone$, Gone);')
  })

  it('describe the members that somebody names, those that are required and those that are more than a value', () => {
    const source = [
      'const _A = "Arn";',
      'const _B = "Body";',
      'const _C = "Cache";',
      'const _D = "Date";',
      'export var Put$ = [3, n0, _P,',
      '    0,',
      '    [_A, _B, _C, _D],',
      '    [[0, { [_hH]: _x, a: 1 }], [() => Blob, 16], [0, { [_hH]: _y }], 4], 1',
      '];',
    ].join('\n')
    const lean = leanSchemas(source, new Set(['Date']))
    expect(lean).toContain('    [_A, _B, _D],\n    [[0, { [_hH]: _x, a: 1 }], [() => Blob, 16], 4], 1\n];')
  })
})

describe('a module that is left out', () => {
  const source = 'function p() {}\nexport function one() {}\nexport const two = () => 1\nexport { p as three };\n'

  it('has every name that it had, and says why it was left out when one is used', async () => {
    const left = await moduleFrom(withoutIt(source, 'nobody calls it', null))
    expect(Object.keys(left).sort()).toEqual(['one', 'three', 'two'])
    for (const name of ['one', 'two', 'three']) expect(() => left[name]()).toThrow('nobody calls it')
  })

  it('does what stands instead, and refuses the rest', async () => {
    const left = await moduleFrom(withoutIt(source, 'nobody calls it', 'export const two = () => 2'))
    expect(left.two()).toBe(2)
    expect(() => left.one()).toThrow('nobody calls it')
    expect(() => left.three()).toThrow('nobody calls it')
  })
})

describe('the partitions', () => {
  const file = 'node_modules/@aws-sdk/core/dist-es/submodules/client/util-endpoints/lib/aws/partitions.js'
  const source = readFileSync(file, 'utf8')

  it('are the same for every Region, without its title', async () => {
    const whole = (await moduleFrom(source)).partitionsInfo
    const lean = (await moduleFrom(await leanPartitions(source))).partitionsInfo
    const listed = whole.partitions.flatMap((one: { regions: object }) => Object.keys(one.regions))
    expect(listed.length).toBeGreaterThan(30)
    const sdk = await import('@aws-sdk/core/client')
    const outputs = (region: string): object => sdk.awsEndpointFunctions['partition']?.(region) as object
    for (const region of [...listed, 'eu-west-9', 'us-gov-north-1', 'nowhere', '']) {
      sdk.setPartitionInfo(whole)
      const before = { ...outputs(region), description: undefined }
      sdk.setPartitionInfo(lean)
      expect(outputs(region), region).toEqual(before)
    }
    sdk.setPartitionInfo(whole)
  })
})

describe('the endpoint rules of a client', () => {
  const SERVICES = readdirSync('node_modules/@aws-sdk')
    .filter(name => name.startsWith('client-'))
    .map(name => name.replace('client-', ''))
  const given = fc.record({
    Region: fc.constantFrom('eu-west-1', 'us-east-1', 'us-gov-west-1', 'cn-north-1', 'eusc-de-east-1', 'eu-west-9', ''),
    Bucket: fc.constantFrom('audit', 'Audit_1', 'b', 'audit-111122223333-eu-west-1-an', 'a/b'),
    Endpoint: fc.constantFrom(undefined, 'http://127.0.0.1:5000', 'https://vpce-1.s3.eu-west-1.vpce.amazonaws.com/x'),
    ForcePathStyle: fc.boolean(),
    AccountIdEndpointMode: fc.constantFrom('preferred', 'disabled', 'required'),
    UseFIPS: fc.boolean(),
    UseDualStack: fc.constant(false),
  })

  it.each(SERVICES)('of %s lead where they led before they were cut', async service => {
    const { decide, whole, cut } = await rulesOf(service)
    expect(cut.results.length).toBeLessThan(whole.results.length)
    fc.assert(
      fc.property(given, endpointParams => {
        expect(answer(() => decide(cut, endpointParams))).toEqual(answer(() => decide(whole, endpointParams)))
      }),
      { numRuns: 300 },
    )
  })
})

// biome-ignore lint/suspicious/noExplicitAny: the module is made from text
async function moduleFrom(text: string): Promise<any> {
  return import(`data:text/javascript,${encodeURIComponent(text)}`)
}

async function rulesOf(service: string) {
  const { BinaryDecisionDiagram, customEndpointFunctions, decideEndpoint } = await import('@smithy/core/endpoints')
  const { awsEndpointFunctions } = await import('@aws-sdk/core/client')
  Object.assign(customEndpointFunctions, { aws: awsEndpointFunctions })
  const path = join('node_modules/@aws-sdk', `client-${service}`, 'dist-es/endpoint/bdd.js')
  const whole = await diagramIn(readFileSync(path, 'utf8'))
  const cut = await diagramIn(moduleOf(specialised(whole, knownOfTheBot)))
  const decide = ({ nodes, root, conditions, results }: Diagram, endpointParams: Given) =>
    decideEndpoint(BinaryDecisionDiagram.from(Int32Array.from(nodes), root, conditions as never, results as never), {
      endpointParams: endpointParams as never,
    })
  return { decide, whole, cut }
}

function answer(decide: () => { readonly url: URL; readonly properties?: unknown }): unknown {
  try {
    const { url, properties } = decide()
    return { url: url.href, properties }
  } catch (error) {
    return String(error)
  }
}
