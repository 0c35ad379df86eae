/** What a first answer does without is read when it is first needed: a cold start waits for less. */

import type { AuditLog } from '../../ports/audit-log.ts'
import type { Chat } from '../../ports/chat.ts'
import type { DeployReader } from '../../ports/deploy-reader.ts'
import type { WorkQueue } from '../../ports/work-queue.ts'

/** Loads once; a load that failed is tried again by whoever asks next. */
export function later<T>(load: () => Promise<T>): () => Promise<T> {
  let loading: Promise<T> | null = null
  return () => {
    loading ??= load().catch(error => {
      loading = null
      throw error
    })
    return loading
  }
}

export function laterAudit(load: () => Promise<AuditLog>): AuditLog {
  const log = later(load)
  return {
    append: async entry => (await log()).append(entry),
    async *records() {
      yield* (await log()).records()
    },
    async *latest() {
      yield* (await log()).latest()
    },
  }
}

export function laterChat(load: () => Promise<Chat>): Chat {
  const chat = later(load)
  return {
    post: async (...message) => (await chat()).post(...message),
    update: async (card, message) => (await chat()).update(card, message),
    reply: async (card, message) => (await chat()).reply(card, message),
    whisper: async (...message) => (await chat()).whisper(...message),
    openModal: async (triggerId, view) => (await chat()).openModal(triggerId, view),
    groupMembers: async groupId => (await chat()).groupMembers(groupId),
    userByEmail: async email => (await chat()).userByEmail(email),
  }
}

export function laterDeployReader(load: () => Promise<DeployReader>): DeployReader {
  const reader = later(load)
  return {
    stack: async (place, stackId, untilMs) => (await reader()).stack(place, stackId, untilMs),
    failedActions: async (place, pipeline, id) => (await reader()).failedActions(place, pipeline, id),
    logTail: async (place, group, stream) => (await reader()).logTail(place, group, stream),
  }
}

export function laterQueue(load: () => Promise<WorkQueue>): WorkQueue {
  const queue = later(load)
  return { send: async (work, options) => (await queue()).send(work, options) }
}
