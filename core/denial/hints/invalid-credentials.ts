/** Keys that AWS does not take: unknown, wrong, or signed at the wrong time. */
import { type HintForm, type HintStep, hintStep } from './hint.ts'

const UNKNOWN_KEY: readonly HintStep[] = [
  hintStep(
    'See which keys are used, and where they come from: variables of the environment win over profiles.',
    'aws configure list',
  ),
  hintStep(
    'Keys of a session (ASIA…) need their session token too: AWS_SESSION_TOKEN, or aws_session_token in the profile. Old variables have to go.',
    'unset AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN',
  ),
  hintStep(
    'See whether the key still exists and is active; otherwise sign in again or make a new one.',
    'aws iam list-access-keys --user-name NAME',
    'an administrator of the account',
  ),
  hintStep(
    'In a Region that has to be enabled, and in the partitions of China and GovCloud, keys and tokens of elsewhere are not known.',
  ),
]

const form = (
  word: string,
  sentence: RegExp,
  meaning: string,
  next: readonly HintStep[],
  example: HintForm['example'],
): HintForm => ({ subject: 'invalid-credentials', word, form: sentence, meaning, next, example })

const MEANING = 'AWS does not know the access key or the session token, so it did not look at any policy.'

export const INVALID_FORMS: readonly HintForm[] = [
  form(
    'token included in the request is invalid',
    /[Tt]he security token included in the request is invalid/,
    MEANING,
    UNKNOWN_KEY,
    {
      text: 'An error occurred (InvalidClientTokenId) when calling the AssumeRole operation: The security token included in the request is invalid.',
      source: 'https://github.com/broamski/aws-mfa/issues/56',
    },
  ),
  form('InvalidClientTokenId', /InvalidClientTokenId/, MEANING, UNKNOWN_KEY, {
    text: 'Sender InvalidClientTokenId The security token included in the request is invalid 3c9c1cfa-65b4-11e4-86be-93a1f715622b',
    source: 'https://github.com/joelcox/codeigniter-amazon-ses/issues/25',
  }),
  form(
    'you provided does not exist',
    /The (?:AWS )?Access Key Id you provided does not exist in our records/,
    MEANING,
    UNKNOWN_KEY,
    {
      text: 'An error occurred (InvalidAccessKeyId) when calling the ListObjectsV2 operation: The AWS Access Key Id you provided does not exist in our records.',
      source: 'https://github.com/prolane/samltoawsstskeys/issues/40',
    },
  ),
  form(
    'Signature expired',
    /Signature expired: \d{8}T\d{6}Z is now earlier than/,
    'The clock of the machine is wrong by more than AWS accepts, so the signature counts as expired.',
    [
      hintStep('Set the clock: compare it with the time in the message.', 'date -u'),
      hintStep('In a virtual machine, WSL or a container, set the clock of the host, and restart the machine.'),
    ],
    {
      text: 'An error occurred (SignatureDoesNotMatch) when calling the GetCallerIdentity operation: Signature expired: 20220127T001427Z is now earlier than 20220127T014428Z (20220127T015928Z - 15 min.)',
      source: 'https://github.com/aws/aws-cli/issues/6676',
    },
  ),
  form(
    'Check your AWS Secret Access Key and signing method',
    /request signature we calculated does not match the signature you provided\. Check your AWS Secret Access Key and signing method/,
    'The secret access key does not belong to the access key, or was not copied whole.',
    [
      hintStep(
        'Copy the secret again, without blanks, quotes or a line break, and mind + and / in it; in a CI system, put it in once more.',
        'aws configure',
      ),
      hintStep(
        'If it still fails, make a new key for the user.',
        'aws iam create-access-key --user-name NAME',
        'an administrator of the account',
      ),
      hintStep('Check the clock of the machine.', 'date -u'),
    ],
    {
      text: 'A client error (SignatureDoesNotMatch) occurred when calling the AssumeRole operation: The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details.',
      source: 'https://github.com/devsecops/bootcamp/issues/118',
    },
  ),
]
