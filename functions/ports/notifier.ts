import type { Notice } from '../domain/base/notice.ts'

export interface Notices {
  publish(notice: Notice): Promise<void>
}
