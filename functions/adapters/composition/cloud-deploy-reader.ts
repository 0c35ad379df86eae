/** Reads the deploy tools of every account through its reader role, in a module of its own: three clients, for the few events that are deploys. */
import type { DeployReader } from '../../ports/deploy-reader.ts'
import { deployReader } from '../aws/deploy-tools/deploy-reader.ts'
import { assumedAccess } from '../aws/iam/account-access.ts'

export const cloudDeployReader = (role: { readonly roleName: string; readonly region: string }): DeployReader =>
  deployReader({ access: assumedAccess(role) })
