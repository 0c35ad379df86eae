/** Reads the deploy tools of every account through its reader role, in a module of its own: three clients, for the few events that are deploys. */
import type { DeployReader } from '../core/deploy/deploy.ts'
import { assumedAccess } from './account-access.ts'
import { deployReader } from './deploy-reader.ts'

export const cloudDeployReader = (role: { readonly roleName: string; readonly region: string }): DeployReader =>
  deployReader({ access: assumedAccess(role) })
