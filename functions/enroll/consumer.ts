import { type Enroll, type EnrollAnswer, enrollAskSchema } from './enroll.ts'

/** Anything that a caller who may invoke the function has sent. */
export async function consumeAsk(event: unknown, enroll: Pick<Enroll, 'asked'>): Promise<EnrollAnswer> {
  const read = enrollAskSchema.safeParse(event)
  return read.success
    ? enroll.asked(read.data)
    : { refused: 'this is nothing that rolemedic passkeys sends: is it the same version as the deployment?' }
}
