/** How certain the value of `iam:PassedToService` is, in words. */
import type { Unknown } from '../../base/index.ts'
import type { NextStep } from '../diagnosis.ts'
import { advice } from '../diagnosis-builder.ts'
import type { DiagnosisContext } from '../diagnosis-context.ts'
import { PASSED_TO_SERVICE, ruledOutFor } from '../resolve-service.ts'
import { joinNames } from './short-names.ts'

/** A guessed service as an unknown fact, which rules out `proved`. */
export function guessedService(context: DiagnosisContext): readonly Unknown[] {
  const { passedService, denial, resource } = context
  if (passedService?.evidence !== 'trust') return []
  const { services } = passedService
  const ruledOut = ruledOutFor(denial, resource).map(({ service }) => service)
  const guess = services.some(service => ruledOut.includes(service)) ? 'that it sends no value' : services.join(' or ')
  const open =
    ruledOut.length > 0
      ? 'the call does not send what was granted before'
      : denial.call.eventName === null
        ? 'the text does not say which call this was'
        : 'AWS does not publish what this call sends'
  return [{ fact: PASSED_TO_SERVICE, why: `${open}: ${guess} is a guess` }]
}

/** Both values if the sources disagree. The grant follows the better source. */
export function sourcesDisagree({ passedService, denial }: DiagnosisContext): readonly NextStep[] {
  if (passedService === null || passedService.disputed.length === 0) return []
  const { services, evidence, disputed } = passedService
  const better = evidence === 'decoded' ? 'AWS’s own evaluation' : 'AWS’s table of this operation'
  const others = disputed.map(
    ({ service, source }) => `${source === null ? 'AWS’s table' : `its policy ${source}`} names ${service}`,
  )
  const call = denial.call.eventName === null ? 'this call' : denial.call.eventName
  return [
    advice(
      `Sources disagree on what ${call} sends as ${PASSED_TO_SERVICE}: ${better} names ${joinNames(services)}, ${joinNames(others)}. The grant follows the first.`,
    ),
  ]
}
