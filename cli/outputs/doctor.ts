import * as z from 'zod'

const text = z.string()

export const doctor = z.object({
  schema: z.literal('rolemedic.doctor/1'),
  checks: z.array(
    z.object({
      name: text,
      status: z.enum(['ok', 'warning', 'failed']),
      detail: text.describe('what was found, and what to do'),
    }),
  ),
})

export type DoctorOutput = z.infer<typeof doctor>
