/** What `cdk.out` says about a role: the path of its construct. */
import type { Target } from '../../../core/patch/index.ts'
import { childOf, knownText, openScope, readable, readTemplate, scalarText, setTexts } from '../../source/index.ts'
import { mayMake } from '../cloudformation/may-make.ts'
import { targetDeploy } from '../cloudformation/template-text.ts'
import type { EntityHints, SourceFile } from '../code-change.ts'
import { generatedName } from '../entity-path.ts'

/** Paths of the resources with this name or logical id. */
export function assemblyPaths(files: readonly SourceFile[], target: Target, hints: EntityHints): readonly string[] {
  const { logicalId, stackName } = hints
  const type = target.kind === 'user-inline-policy' ? 'AWS::IAM::User' : 'AWS::IAM::Role'
  const nameKey = target.kind === 'user-inline-policy' ? 'UserName' : 'RoleName'
  const found = new Set<string>()
  const isWanted = mayMake(target, logicalId ?? generatedName(target.name)?.logicalId ?? null)
  for (const { path, text } of files) {
    if (!/(?:^|\/)cdk\.out\/.*\.template\.json$/.test(path) || !isWanted(text)) continue
    const template = readable(() => readTemplate(path, text))
    if (template === null) continue
    const scope = openScope(template, targetDeploy(target, hints))
    for (const [id, resource] of template.resources) {
      if (resource.type !== type) continue
      const construct = scalarText(childOf(resource.metadata, 'aws:cdk:path'))
      const names = readable(() => setTexts(scope, childOf(resource.properties, nameKey)))
      if (construct === null || names === null) continue
      const stack = stackName ?? generatedName(target.name)?.stack ?? null
      const isInStack = stack === null || construct.split('/')[0] === stack || path.endsWith(`/${stack}.template.json`)
      const isNamed = names.texts.some(name => knownText(name) === target.name)
      const isId = names.mayBeMissing && isInStack && id === (logicalId ?? generatedName(target.name)?.logicalId)
      if (isNamed || isId) found.add(construct)
    }
  }
  return [...found]
}
