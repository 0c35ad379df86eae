/** https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_mfa_configure-api-require.html */
import { advice } from '../diagnosis-builder.ts'

export const isMfaKey = (key: string): boolean => /^aws:multifactorauth(present|age)$/i.test(key)

export const MFA_STEP = advice(
  'Sign in with MFA and repeat the call, as a person (with access keys, first get a session with aws sts get-session-token). Machines cannot use MFA and need another role.',
  'aws sts get-session-token --serial-number MFA_DEVICE_ARN --token-code CODE',
  'the caller',
)
