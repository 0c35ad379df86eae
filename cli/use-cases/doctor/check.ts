/** One line of `rolemedic doctor`, and the result of a check that cannot run. */
import type { DoctorOutput } from '../../outputs/doctor.ts'

export type Check = DoctorOutput['checks'][number]

export const okCheck = (name: string, detail: string): Check => ({ name, status: 'ok', detail })
export const warning = (name: string, detail: string): Check => ({ name, status: 'warning', detail })
export const failedCheck = (name: string, detail: string): Check => ({ name, status: 'failed', detail })

const REFUSED = /^(AccessDenied|AccessDeniedException|UnauthorizedOperation|NotAuthorized|AuthorizationError)$/

export const isRefused = (error: unknown): boolean => error instanceof Error && REFUSED.test(error.name)

/** Runs a check. If AWS refuses a call to these credentials, the result is unknown; any other error fails the check. */
export async function checked(
  name: string,
  where: string,
  ask: () => Promise<readonly Check[]>,
): Promise<readonly Check[]> {
  try {
    return await ask()
  } catch (error) {
    const why = error instanceof Error ? `${error.name}: ${error.message}` : String(error)
    const about = where === '' ? '' : `${where}: `
    return isRefused(error)
      ? [warning(name, `${about}not checked, as these credentials may not look: ${why}`)]
      : [failedCheck(name, `${about}could not be checked: ${why}`)]
  }
}

/** Runs at most `atOnce` items in parallel. Results keep the order of the items. */
export async function inTurn<T, R>(items: readonly T[], atOnce: number, run: (item: T) => Promise<R>): Promise<R[]> {
  const results = new Array<R>(items.length)
  let next = 0
  const worker = async () => {
    for (let index = next++; index < items.length; index = next++) results[index] = await run(items[index] as T)
  }
  await Promise.all(Array.from({ length: Math.min(atOnce, items.length) }, worker))
  return results
}
