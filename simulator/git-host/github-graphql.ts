/**
 * The one mutation of GitHub's GraphQL API that rolemedic uses: it moves a branch if its last commit is the expected one.
 * https://docs.github.com/en/graphql/reference/git#updaterefs
 */
import * as z from 'zod'
import { type ApiAnswer, type ApiRequest, answer } from './answers.ts'
import type { HostedProject } from './hosted-project.ts'

const DOCUMENT = 'mutation ($input: UpdateRefsInput!) { updateRefs(input: $input) { clientMutationId } }'
const oid = z.string().regex(/^[0-9a-f]{40}$/)
const bodySchema = z.strictObject({
  query: z.literal(DOCUMENT),
  variables: z.strictObject({
    input: z.strictObject({
      repositoryId: z.string(),
      refUpdates: z.tuple([
        z.strictObject({
          name: z.string().regex(/^refs\/heads\/./),
          beforeOid: oid,
          afterOid: oid,
          force: z.boolean().default(false),
        }),
      ]),
    }),
  }),
})

export const nodeIdOf = ({ name }: HostedProject): string => `R_${Buffer.from(name).toString('base64url')}`

/** `visible`: the repositories that the token may access. */
export async function updateRefs({ body }: ApiRequest, visible: readonly HostedProject[]): Promise<ApiAnswer> {
  const parsed = bodySchema.safeParse(body)
  if (!parsed.success) return answer({ errors: [{ message: z.prettifyError(parsed.error) }] })
  const { repositoryId, refUpdates } = parsed.data.variables.input
  const project = visible.find(one => nodeIdOf(one) === repositoryId)
  if (project === undefined) return refusal('NOT_FOUND', `Could not resolve to a node with the id '${repositoryId}'`)
  const [{ name, beforeOid, afterOid, force }] = refUpdates
  const branch = name.replace('refs/heads/', '')
  if (branch === project.defaultBranch) return refusal('UNPROCESSABLE', 'Cannot update this protected ref')
  const [from, to] = [commitOf(beforeOid), commitOf(afterOid)]
  const isForward = from === null || to === null || (await project.git.isAncestor(from, to))
  if (!force && !isForward) return refusal('UNPROCESSABLE', 'The update is not a fast forward')
  if (await project.git.moveBranch(branch, from, to))
    return answer({ data: { updateRefs: { clientMutationId: null } } })
  return refusal('UNPROCESSABLE', 'The ref does not point there')
}

const commitOf = (id: string): string | null => (/^0+$/.test(id) ? null : id)

const refusal = (type: string, message: string): ApiAnswer =>
  answer({ data: { updateRefs: null }, errors: [{ type, path: ['updateRefs'], message }] })
