/** `npm run deployer-policies`: writes the policies of who deploys to `infra/policies`. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { releasedTemplates } from '../../infra/released/templates.ts'
import { deployerPolicies, type TypedTemplate } from './policies.ts'

const templates = releasedTemplates('0.0.0').map(({ template }) => template as TypedTemplate)
for (const [name, policy] of deployerPolicies(templates))
  writeFileSync(
    join(import.meta.dirname, '../../infra/policies', `${name}.json`),
    `${JSON.stringify(policy, null, 2)}\n`,
  )
