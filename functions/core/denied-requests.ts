/** The denied request as it may have been: once for each role that the patch is about, and for each value of a key that was not proven. */
import type { AccessPicture } from './access-picture.ts'
import { requestOf } from './access-request.ts'
import { parseEntityArn } from './arn.ts'
import { ABSENT_KEY, type ContextFact, present } from './context.ts'
import type { Denial } from './denial.ts'
import { possibleServices, settleService } from './diagnose/passed-service.ts'
import type { Diagnosis } from './diagnosis.ts'
import { linkedService } from './draft/service-linked-role.ts'
import type { AccessRequest } from './evaluate.ts'

export function deniedRequests(
  denial: Denial,
  diagnosis: Diagnosis,
  picture: AccessPicture,
  roles: readonly string[],
): readonly AccessRequest[] {
  return roles.flatMap(role => {
    const request = requestOf(denial, role)
    const facts = serviceFacts(denial, diagnosis, picture, role)
    return facts.length === 0
      ? [request]
      : facts.map(([key, fact]) => ({ ...request, context: { ...request.context, [key]: fact } }))
  })
}

/** What the patch may open: the denied requests, and the one service also where it is not proven that the key is sent. */
export function meantRequests(
  denial: Denial,
  picture: AccessPicture,
  denied: readonly AccessRequest[],
): readonly AccessRequest[] {
  if (denial.action !== 'iam:PassRole') return denied
  return denied.flatMap(request => {
    const target = picture.targets.find(one => one.arn === request.resource) ?? null
    const settled = settleService(denial, request.resource, target)
    if (settled === null || settled.proven) return [request]
    return [request, { ...request, context: { ...request.context, 'iam:passedtoservice': present(settled.service) } }]
  })
}

function serviceFacts(
  denial: Denial,
  diagnosis: Diagnosis,
  picture: AccessPicture,
  role: string,
): readonly (readonly [string, ContextFact])[] {
  if (denial.action === 'iam:CreateServiceLinkedRole') {
    const service = linkedService(parseEntityArn(role)?.path ?? '')
    return service === null ? [] : [['iam:awsservicename', present(service)]]
  }
  if (denial.action !== 'iam:PassRole') return []
  const target = picture.targets.find(one => one.arn === role) ?? null
  const possible = possibleServices(denial, role, target)
  const settled = diagnosis.passedService
  const services = possible.length > 0 || settled === null ? possible : [settled.service, null]
  return services.map(service => ['iam:passedtoservice', service === null ? ABSENT_KEY : present(service)])
}
