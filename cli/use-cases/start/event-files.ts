/** The events that a person gives to `start`, in any form that `diagnose` reads. */
import type { InputDeploy } from '../../../simulator/deploy-event-files.ts'
import { eventsOfText, type InputRecord } from '../../../simulator/sample-records.ts'
import type { UseCaseWorld } from '../world.ts'

export async function eventsOfFiles(
  files: readonly string[],
  world: Pick<UseCaseWorld, 'readFile' | 'nowMs'>,
): Promise<readonly (InputRecord | InputDeploy)[]> {
  const nowMs = world.nowMs()
  const events: (InputRecord | InputDeploy)[] = []
  for (const file of files) events.push(...eventsOfText(file, await world.readFile(file), nowMs))
  return events
}
