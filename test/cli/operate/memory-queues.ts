import type { DeadLetterQueues } from '../../../cli/use-cases/operate/redrive-queues.ts'

type Letters = { readonly [queue: string]: number | null | Error }

/** Every queue that is not listed is empty. Null: there is none. An error: AWS's answer. */
export function memoryQueues(letters: Letters = {}, moving: Error | null = null) {
  const moved: string[] = []
  const queues: DeadLetterQueues = {
    region: 'eu-west-1',
    async waiting(queue) {
      const messages = letters[queue] === undefined ? 0 : letters[queue]
      if (messages instanceof Error) throw messages
      return messages === null ? null : { arn: `arn:aws:sqs:eu-west-1:111122223333:${queue}`, messages }
    },
    async moveBack(arn) {
      if (moving !== null) throw moving
      moved.push(arn)
    },
  }
  return { ...queues, moved }
}
