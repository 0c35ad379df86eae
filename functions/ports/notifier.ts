import type { Notice } from '../domain/base/notice.ts'

export interface Notifier {
  publish(notice: Notice): Promise<void>
}
