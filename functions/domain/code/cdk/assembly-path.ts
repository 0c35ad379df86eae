/** What `cdk.out` says about a role: the path of its construct. */

import type { Target } from '../../patch/patch.ts'
import { childOf, type SourceNode, textOf, UnreadableSource } from '../../source/source-node.ts'
import { readSource } from '../../source/template.ts'
import type { EntityHints, SourceFile } from '../code-change.ts'
import { generatedName } from '../entity-path.ts'

/** Paths of the resources that have this name or logical id. */
export function assemblyPaths(
  files: readonly SourceFile[],
  target: Target,
  { logicalId, stackName }: EntityHints,
): readonly string[] {
  const type = target.kind === 'user-inline-policy' ? 'AWS::IAM::User' : 'AWS::IAM::Role'
  const nameKey = target.kind === 'user-inline-policy' ? 'UserName' : 'RoleName'
  const found = new Set<string>()
  for (const { path, text } of files) {
    if (!/(?:^|\/)cdk\.out\/.*\.template\.json$/.test(path)) continue
    const resources = childOf(read(path, text), 'Resources')
    if (resources?.kind !== 'map') continue
    for (const [id, { value }] of resources.entries) {
      if (textOf(childOf(value, 'Type')) !== type) continue
      const construct = textOf(childOf(childOf(value, 'Metadata'), 'aws:cdk:path'))
      const name = childOf(childOf(value, 'Properties'), nameKey)
      if (construct === null) continue
      const stack = stackName ?? generatedName(target.name)?.stack ?? null
      const isInStack = stack === null || construct.split('/')[0] === stack || path.endsWith(`/${stack}.template.json`)
      const isNamed = name !== undefined && textOf(name) === target.name
      const isId = name === undefined && isInStack && id === (logicalId ?? generatedName(target.name)?.logicalId)
      if (isNamed || isId) found.add(construct)
    }
  }
  return [...found]
}

function read(path: string, text: string): SourceNode | undefined {
  try {
    return readSource(path, text)
  } catch (fault) {
    if (fault instanceof UnreadableSource) return undefined
    throw fault
  }
}
