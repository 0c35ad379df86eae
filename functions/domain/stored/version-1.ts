/** What version 1 stored otherwise: written for its readers, and brought into our form. */

import * as z from 'zod'
import { type Denial, type PassedService, passedService } from '../../../core/denial/index.ts'
import type { Diagnosis, PassedServiceFinding } from '../../../core/diagnosis/index.ts'
import type { Upcaster } from './versions.ts'

/** With candidates, and whether the call is known to send one. What is in doubt was `unproven` to version 1. */
export const denialForVersion1 = (denial: Denial) => ({
  ...denial,
  passes: denial.passes.map(pass => ({ ...pass, service: { ...pass.service, ...candidatesOf(pass.service) } })),
})

const candidatesOf = ({ values, mayBeAbsent, disputed }: PassedService) => ({
  candidates: values.map(({ service }) => service),
  keySent: values.length === 1 && !mayBeAbsent && disputed.length === 0 ? 'proven' : 'unproven',
})

export const diagnosisForVersion1 = (diagnosis: Diagnosis) => ({
  ...diagnosis,
  passedService: diagnosis.passedService === null ? null : findingForVersion1(diagnosis.passedService),
})

const findingForVersion1 = (finding: PassedServiceFinding) => ({
  ...finding,
  service: finding.services[0] ?? '',
  proven: finding.services.length === 1 && finding.evidence !== 'trust' && !finding.mayBeAbsent,
})

const call = z.looseObject({ eventSource: z.string().nullable(), eventName: z.string().nullable() })
const pass = z.looseObject({ parameter: z.string().nullable() })
const denial1 = z.looseObject({ call, partition: z.string(), passes: z.array(pass) })
const finding1 = z.object({ service: z.string(), proven: z.boolean() })
const diagnosis1 = z.looseObject({ passedService: finding1.nullable() })

/** What the call sends is looked up again in today's data: version 1 kept less of it. */
export const upcastDenial: Upcaster = stored => {
  const read = denial1.safeParse(stored)
  if (!read.success) return stored
  const { call: of, partition, passes } = read.data
  return {
    ...read.data,
    passes: passes.map(one => ({ ...one, service: passedService(of, one.parameter, partition) })),
  }
}

/** It is only shown: `apply` diagnoses again. */
export const upcastDiagnosis: Upcaster = stored => {
  const read = diagnosis1.safeParse(stored)
  if (!read.success || read.data.passedService === null) return stored
  const { service, proven } = read.data.passedService
  const evidence = proven ? 'published' : 'trust'
  return { ...read.data, passedService: { services: [service], evidence, mayBeAbsent: !proven, disputed: [] } }
}
