import type { Notice } from '../domain/messages/index.ts'

export interface Notifier {
  publish(notice: Notice): Promise<void>
}
