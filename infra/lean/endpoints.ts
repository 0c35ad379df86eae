/**
 * The rules by which a client finds its endpoint are a decision diagram: https://smithy.io/2.0/additional-specs/rules-engine/
 * S3's has a hundred outcomes, most of them for kinds of buckets and settings that the bot never has. What is known when a
 * bundle is made is decided then, and only the part of the diagram that can still be reached is kept.
 */

/** Three numbers for each node: its condition, where to go when it holds, where when not. Negative means inverted. */
export type Diagram = {
  readonly nodes: ArrayLike<number>
  readonly root: number
  readonly conditions: readonly unknown[]
  readonly results: readonly unknown[]
}

const RESULT = 100_000_000
const TRUE = 1
const FALSE = -1

/** `known` says whether a condition holds in this bundle; null where only the call can tell. */
export function specialised(diagram: Diagram, known: (condition: unknown) => boolean | null): Diagram {
  const nodes: number[] = [-1, TRUE, FALSE]
  const conditions = renumbering(diagram.conditions)
  const results = renumbering(diagram.results)
  const made = new Map<number, number>()

  function reach(ref: number): number {
    if (ref === TRUE || ref === FALSE) return ref
    if (ref >= RESULT) return RESULT + results.place(ref - RESULT)
    if (ref < 0) throw new Error('an inverted node of an endpoint diagram is not understood')
    const before = made.get(ref)
    if (before !== undefined) return before
    const [condition = 0, high = FALSE, low = FALSE] = [0, 1, 2].map(offset => diagram.nodes[3 * (ref - 1) + offset])
    const holds = known(diagram.conditions[condition])
    const [yes, no] = [holds === false ? null : reach(high), holds === true ? null : reach(low)]
    const place = yes === null || no === null ? (yes ?? no ?? FALSE) : add(conditions.place(condition), yes, no)
    made.set(ref, place)
    return place
  }

  function add(...node: readonly [condition: number, high: number, low: number]): number {
    nodes.push(...node)
    return nodes.length / 3
  }

  const root = reach(diagram.root)
  return { nodes, root, conditions: conditions.kept(), results: results.kept() }
}

function renumbering(all: readonly unknown[]) {
  const places = new Map<number, number>()
  return {
    place(index: number): number {
      const place = places.get(index) ?? places.size
      places.set(index, place)
      return place
    },
    kept: () => [...places.keys()].map(index => all[index]),
  }
}

/**
 * What the bot's clients never set, and what its bucket never is: an access point, an Outposts alias, a directory bucket.
 * A condition that assigns a name is asked all the same, because another may read that name.
 */
export function knownOfTheBot(condition: unknown): boolean | null {
  const [test, given, assigned] = Array.isArray(condition) ? condition : []
  const asked = JSON.stringify(given)
  if (test === 'isSet' && asked === '[{"ref":"Bucket"}]') return true
  if (test === 'aws.parseArn' && asked === '[{"ref":"Bucket"}]') return false
  if (test === 'stringEquals' && NEVER_EQUAL.some(kind => asked.endsWith(`,"${kind}"]`))) return false
  if (assigned === undefined && NEVER_SET.some(name => asked.includes(`{"ref":"${name}"}`))) return false
  return null
}

const NEVER_SET = [
  'Accelerate',
  'AccountId',
  'CopySource',
  'DisableAccessPoints',
  'DisableMultiRegionAccessPoints',
  'IsSearchOperation',
  'ResourceArn',
  'ResourceArnList',
  'UseDualStack',
  'UseGlobalEndpoint',
  'UseObjectLambdaEndpoint',
  'UseS3ExpressControlEndpoint',
]
const NEVER_EQUAL = ['--x-s3', '--xa-s3', '--op-s3', 'arn:', 'aws-global']

/** The diagram of a client's `bdd.js`, which nothing but its own resolver may import. */
export async function diagramIn(source: string): Promise<Diagram> {
  const alone = source.replace(/^import .*$/m, 'const BinaryDecisionDiagram = { from: (...parts) => parts }')
  const { bdd } = await import(`data:text/javascript,${encodeURIComponent(alone)}`)
  const [nodes, root, conditions, results] = bdd
  return { nodes, root, conditions, results }
}

/** The same module with a smaller diagram. */
export function moduleOf({ nodes, root, conditions, results }: Diagram): string {
  const shared = new Map<string, string>()
  const once = (value: unknown): string => {
    const text = JSON.stringify(value)
    if (typeof value !== 'object' || text.length < 20) return text
    const name = shared.get(text) ?? `p${shared.size}`
    shared.set(text, name)
    return name
  }
  const list = (rows: readonly unknown[]) =>
    `[${rows.map(row => `[${(row as readonly unknown[]).map(once).join()}]`).join()}]`
  const parts = [`new Int32Array(${JSON.stringify(nodes)})`, root, list(conditions), list(results)]
  return [
    'import { BinaryDecisionDiagram } from "@smithy/core/endpoints";',
    ...[...shared].map(([text, name]) => `const ${name} = ${text}`),
    `export const bdd = BinaryDecisionDiagram.from(${parts.join()})`,
  ].join('\n')
}
