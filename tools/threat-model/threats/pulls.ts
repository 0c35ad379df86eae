import type { ThreatSection } from '../threat.ts'

export const CODE_CHANGER = {
  who: 'Somebody who wants other code in a repository',
  may: 'send orders to `publish`, tag roles, open pull requests from a fork, push to a repository, or run code in `publish`',
  threats: {
    G1: {
      what: 'sends an order for another repository, branch or path',
      refuses: 'only an entry of the deployed configuration is used, and its paths are checked for each edit',
      remains: 'a pull request in a configured repository, for people to read',
    },
    G2: {
      what: 'has a workflow or a build file edited',
      refuses: 'refused by name (`code-path.ts`)',
      remains: 'build files of other names within `paths`',
    },
    G3: {
      what: 'names a role so that the text mentions people, closes issues or holds HTML',
      refuses: 'outside text is in code spans and blocks; titles and commit messages have a narrow alphabet',
      remains: null,
    },
    G4: {
      what: 'asks for the early end of a bridge that is still needed, by an item of the table',
      refuses: '`verify` evaluates itself, twice, and only for requests that use every part of the signed writes',
      remains: 'the stored context of the denial, such as its source address',
    },
    G5: {
      what: 'asks for the early end of an ordinary limited grant, or in the name of a person',
      refuses: 'only bridges end early, and only in nobody’s name',
      remains: null,
    },
    G6: {
      what: 'tags a role so that another repository is taken',
      refuses: '`repositories` bounds which; each pull request is reviewed',
      remains: 'a pull request in the wrong configured repository',
    },
    G7: {
      what: 'opens a pull request on GitHub from a fork, whose branch is named like ours',
      refuses: 'only pull requests from the repository itself are ours',
      remains: null,
    },
    G8: {
      what: 'opens a merge request on GitLab from a fork, whose branch is named like ours',
      refuses: 'only merge requests from the project itself are ours',
      remains: null,
    },
    G9: {
      what: 'runs code in `publish`, and calls IAM, puts proposals, signs, or sends work',
      refuses: 'no permission in IAM, no table but its own items, no key that signs, no queue of `verify` or `write`',
      remains: 'branches and pull requests in the configured repositories',
    },
    G10: {
      what: 'opens a pull request of their own from a branch named like ours, for it to get the words of rolemedic',
      refuses:
        'a pull request that rolemedic has not opened gets them only once its branch ends with the commit of rolemedic',
      remains: 'the branch has to be deleted before rolemedic opens its own',
    },
    G11: {
      what: 'pushes other code under the commit message of rolemedic, for a pull request to be opened from it',
      refuses: 'the whole commit is compared with the change, unless its id is the one that rolemedic has written',
      remains: null,
    },
    G12: {
      what: 'turns the pull request to another branch and merges it there, for the code to count as merged',
      refuses: 'only a merge into the configured branch is one',
      remains: 'the grant that stands meanwhile has no code, and ends at its time',
    },
    G13: {
      what: 'merges a pull request of their own from a branch named like ours, for the code to count as merged',
      refuses: 'after a merge of what rolemedic has not opened, the code itself is read',
      remains: 'one that they close is not opened again, as if a person had refused it',
    },
  },
} as const satisfies ThreatSection
