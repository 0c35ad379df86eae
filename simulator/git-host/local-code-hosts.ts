/** The Git hosts of the configuration, all answered by the one on this machine, and the editor of code. */

import { githubHost } from '../../functions/adapters/github/github-host.ts'
import { githubRequests } from '../../functions/adapters/github/github-requests.ts'
import { gitlabHost } from '../../functions/adapters/gitlab/gitlab-host.ts'
import { loadParsers } from '../../functions/adapters/syntax/parsers.ts'
import { editCode } from '../../functions/domain/code/edit-code.ts'
import { codeHostOf } from '../../functions/domain/config/code-host.ts'
import type { Config } from '../../functions/domain/config/config.ts'
import { HostError } from '../../functions/ports/git/code-host.ts'
import type { PublishDeps } from '../../functions/publish/publish.ts'
import type { GitHost } from './git-host.ts'

export function localCode(git: GitHost, config: Pick<Config, 'codeHosts'>): Pick<PublishDeps, 'hosts' | 'edit'> {
  const clock = Date.now
  const requests = githubRequests({ apiUrl: git.githubApiUrl, credentials: async () => git.credentials, clock })
  return {
    hosts({ host, repository }) {
      const place = codeHostOf(config, host)
      if (place === null) throw new HostError('invalid', `"codeHosts" does not name ${host}`)
      return place.kind === 'github'
        ? githubHost({ repository }, requests)
        : gitlabHost({ repository }, { apiUrl: git.gitlabApiUrl, token: async () => git.token, clock })
    },
    edit: async (changes, files, hints, leftOut) => editCode(changes, files, hints, await loadParsers(), leftOut),
  }
}
