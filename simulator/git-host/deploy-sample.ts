/** Simulates the deployment of a merged sample template: the inline policies of the role become those of the code. */

import { parse } from 'yaml'
import * as z from 'zod'
import { parsePolicy } from '../../core/iam/index.ts'
import type { PolicyWriter } from '../../functions/ports/index.ts'
import type { HostedProject } from './hosted-project.ts'

const template = z.object({
  Resources: z.object({
    StackExecution: z.object({
      Properties: z.object({ Policies: z.array(z.object({ PolicyName: z.string(), PolicyDocument: z.unknown() })) }),
    }),
  }),
})

const TARGET = {
  kind: 'role-inline-policy',
  accountId: '111122223333',
  name: 'orders-stack-exec',
  arn: 'arn:aws:iam::111122223333:role/deploy/orders-stack-exec',
} as const

export async function deploySample({ git, defaultBranch }: HostedProject, writer: PolicyWriter): Promise<void> {
  const text = await git.file((await git.head(defaultBranch)) ?? '', 'templates/pipeline.yaml')
  const { Policies } = template.parse(parse(text ?? '')).Resources.StackExecution.Properties
  for (const { PolicyName: policyName, PolicyDocument } of Policies) {
    const document = parsePolicy(PolicyDocument)
    if (!document.ok) throw new Error(`${policyName} is no policy`)
    const written = await writer.write({ ...TARGET, policyName }, document.value)
    if (!written.ok) throw new Error(written.error.message)
  }
}
