/** The Git hosts of the configuration, all served by the local one, and the editor of code. */

import { githubHost, githubRequests } from '../../functions/adapters/github/index.ts'
import { gitlabHost } from '../../functions/adapters/gitlab/index.ts'
import { loadParsers } from '../../functions/adapters/syntax/index.ts'
import { type Config, codeHostOf } from '../../functions/domain/config/index.ts'
import { HostError } from '../../functions/ports/index.ts'
import type { PublishDeps } from '../../functions/publish/index.ts'
import { editCode } from '../../iac/edit/index.ts'
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
