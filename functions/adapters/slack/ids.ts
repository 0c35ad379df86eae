/** The forms of Slack's ids. What has another one is shown as text, and is no place and no person. */
import { isChatId } from '../../domain/config/index.ts'

export const isSlackUser = (id: string): boolean => isChatId('user', id)
export const isSlackGroup = (id: string): boolean => isChatId('group', id)
export const isSlackChannel = (id: string): boolean => isChatId('channel', id)
/** A message in its channel. */
export const isSlackTimestamp = (id: string): boolean => /^\d{1,16}\.\d{1,9}$/.test(id)
