/** What a first answer does without is read when it is first needed: a cold start waits for less. */

import type { AuditLog } from '../../ports/audit-log.ts'
import type { Chat } from '../../ports/chat.ts'
import type { DeployReader } from '../../ports/deploy-reader.ts'
import type { WorkQueue } from '../../ports/work-queue.ts'

/** Loads once; a load that failed is tried again by whoever asks next. */
export function lazyImport<T>(load: () => Promise<T>): () => Promise<T> {
  let loading: Promise<T> | null = null
  return () => {
    loading ??= load().catch(error => {
      loading = null
      throw error
    })
    return loading
  }
}

export function lazyAuditLog(load: () => Promise<AuditLog>): AuditLog {
  const log = lazyImport(load)
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

export function lazyChat(load: () => Promise<Chat>): Chat {
  const chat = lazyImport(load)
  return {
    post: async (...message) => (await chat()).post(...message),
    update: async (card, message) => (await chat()).update(card, message),
    reply: async (card, message) => (await chat()).reply(card, message),
    postEphemeral: async (...message) => (await chat()).postEphemeral(...message),
    openModal: async (triggerId, view) => (await chat()).openModal(triggerId, view),
    groupMembers: async groupId => (await chat()).groupMembers(groupId),
    userByEmail: async email => (await chat()).userByEmail(email),
  }
}

export function lazyDeployReader(load: () => Promise<DeployReader>): DeployReader {
  const reader = lazyImport(load)
  return {
    stack: async (place, stackId, untilMs) => (await reader()).stack(place, stackId, untilMs),
    failedActions: async (place, pipeline, id) => (await reader()).failedActions(place, pipeline, id),
    logTail: async (place, group, stream) => (await reader()).logTail(place, group, stream),
  }
}

export function lazyWorkQueue(load: () => Promise<WorkQueue>): WorkQueue {
  const queue = lazyImport(load)
  return { send: async (work, options) => (await queue()).send(work, options) }
}
