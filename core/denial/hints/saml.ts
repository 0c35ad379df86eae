/**
 * Assertions that the sign-in of AWS or AssumeRoleWithSAML does not take.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_saml.html
 */
import { type HintForm, type HintStep, hintStep } from './hint.ts'

const PAGE = 'https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_saml.html'
const THE_PROVIDER = 'an administrator of the identity provider'

const METADATA: readonly HintStep[] = [
  hintStep(
    'Download the metadata of the identity provider again and put it into the SAML provider of IAM: its certificate or its issuer (entityID) has changed, or the ARN names another provider.',
    'aws iam update-saml-provider --saml-provider-arn PROVIDER_ARN --saml-metadata-document file://metadata.xml',
    'an administrator of the account',
  ),
  hintStep('See which providers the account has.', 'aws iam list-saml-providers'),
]

const NO_RESPONSE = 'The tool found no role and provider in what the identity provider sent, so AWS was not asked.'
const NO_ANSWER = 'The identity provider gave the tool no SAML response, so AWS was not asked.'
const ASSIGN = hintStep(
  'Add the person, or a group of the person, to the application of AWS and to the role: the attribute https://aws.amazon.com/SAML/Attributes/Role of the assertion lists what is offered.',
  null,
  THE_PROVIDER,
)
const SIGN_IN_AGAIN: readonly HintStep[] = [
  hintStep(
    'Check the sign-in address, user and second factor that the tool uses: sign in on that page with a browser, and see whether it ends at AWS with a choice of roles.',
  ),
]

const form = (
  word: string,
  sentence: RegExp,
  meaning: string,
  next: readonly HintStep[],
  example: HintForm['example'],
): HintForm => ({ subject: 'saml', word, form: sentence, meaning, next, example })

export const SAML_FORMS: readonly HintForm[] = [
  form(
    'esponse signature invalid',
    /[Rr]esponse signature invalid/,
    'AWS cannot verify the signature of the SAML response with the metadata in IAM.',
    METADATA,
    {
      text: 'ERROR:root:An error occurred (InvalidIdentityToken) when calling the AssumeRoleWithSAML operation: Response signature invalid',
      source: 'https://github.com/cevoaustralia/aws-google-auth/issues/270',
    },
  ),
  form(
    'not present in specified provider',
    /Issuer not present in specified provider/,
    'The issuer of the SAML response is not that of the SAML provider in IAM.',
    METADATA,
    {
      text: 'InvalidIdentityTokenException: Issuer not present in specified provider (Service: AWSOpenIdDiscoveryService; Status Code: 400; Error Code: AuthSamlInvalidSamlResponseException)',
      source: 'https://github.com/dbeaver/cloudbeaver/issues/3112',
    },
  ),
  form(
    "provider doesn't exist",
    /Specified provider doesn't exist/,
    'The SAML response names a provider that the account does not have.',
    [
      hintStep(
        'Compare the ARN of the provider in the attribute Role of the assertion with this list.',
        'aws iam list-saml-providers',
        THE_PROVIDER,
      ),
    ],
    { text: "Error: Specified provider doesn't exist.", source: PAGE },
  ),
  form(
    'an invalid SAML response',
    /Your request included an invalid SAML response/,
    'The SAML response has no attribute that names a role and a provider, or they are not written as AWS reads them.',
    [
      hintStep(
        'Add the attribute https://aws.amazon.com/SAML/Attributes/Role to the assertion, with the ARN of the role, a comma and the ARN of the SAML provider, and see that the people are assigned to that role.',
        null,
        THE_PROVIDER,
      ),
    ],
    {
      text: 'Amazon Web Services Sign In Your request included an invalid SAML response. To logout, click here',
      source: 'https://github.com/MicrosoftDocs/azure-docs/issues/38742',
    },
  ),
  form(
    'RoleSessionName',
    /RoleSessionName (?:is required in AuthnResponse|in AuthnResponse must match)/,
    'The SAML response has no session name, or one with characters that AWS does not take.',
    [
      hintStep(
        'Set the attribute https://aws.amazon.com/SAML/Attributes/RoleSessionName to 2 to 64 letters, digits or _=,.@+- without blanks: usually the e-mail address.',
        null,
        THE_PROVIDER,
      ),
    ],
    {
      text: 'RoleSessionName in AuthnResponse must match [a-zA-Z_0-9+=,.@-]{2,64} (Service: AWSSecurityTokenService; Status Code: 400; Error Code: InvalidIdentityToken)',
      source: 'https://github.com/MicrosoftDocs/azure-docs/issues/45025',
    },
  ),
  form(
    'Source Identity must match',
    /Source Identity must match/,
    'The SAML response sets a source identity with characters that AWS does not take.',
    [
      hintStep(
        'Set the attribute https://aws.amazon.com/SAML/Attributes/SourceIdentity to 2 to 64 letters, digits or _=,.@+- that do not begin with aws:.',
        null,
        THE_PROVIDER,
      ),
    ],
    {
      text: 'Error: Source Identity must match [a-zA-Z_0-9+=,.@-]{2,64} and not begin with "aws:" (service: AWSSecurityTokenService; status code: 400; error code: InvalidIdentityToken)',
      source: PAGE,
    },
  ),
  form(
    'contain the required audience',
    /Response does not contain the required audience/,
    'The audience of the SAML response is not that of AWS.',
    [
      hintStep(
        'Set audience restriction and recipient of the assertion to https://signin.aws.amazon.com/saml (China: https://signin.amazonaws.cn/saml, GovCloud: https://signin.amazonaws-us-gov.com/saml), or the address of the Region that is used.',
        null,
        THE_PROVIDER,
      ),
    ],
    { text: 'Error: Response does not contain the required audience.', source: PAGE },
  ),
  form(
    'not found in saml assertion',
    /Supplied RoleArn not found in saml assertion/,
    'The identity provider offers other roles than the one of the setting role_arn, so AWS was not asked.',
    [
      hintStep(
        'Compare role_arn with the roles that are offered: account, path and upper and lower case count.',
        'saml2aws list-roles',
      ),
      ASSIGN,
    ],
    {
      text: 'Failed to assume role - Supplied RoleArn not found in saml assertion (ADFS)',
      source: 'https://github.com/Versent/saml2aws/issues/865',
    },
  ),
  form(
    'you are permitted to assume',
    /[Pp]lease check (?:that |whether )?you are permitted to assume (?:roles|the given role) for the AWS service/,
    NO_RESPONSE,
    [ASSIGN, ...SIGN_IN_AGAIN],
    {
      text: 'Failed to assume role. Please check whether you are permitted to assume the given role for the AWS service.',
      source: 'https://github.com/Versent/saml2aws/issues/1111',
    },
  ),
  form(
    'have access to any roles',
    /This account does not have access to any roles/,
    NO_RESPONSE,
    [...SIGN_IN_AGAIN, ASSIGN],
    {
      text: 'This account does not have access to any roles',
      source: 'https://github.com/venth/aws-adfs/issues/439',
    },
  ),
  form(
    'Did not receive SAML Response',
    /Did not receive SAML Response after successful authentication/,
    NO_ANSWER,
    SIGN_IN_AGAIN,
    {
      text: 'RuntimeError: Did not receive SAML Response after successful authentication',
      source: 'https://github.com/Nike-Inc/gimme-aws-creds/issues/137',
    },
  ),
  form(
    'get a SAMLResponse with success status',
    /Not able to get a SAMLResponse with success status/,
    NO_ANSWER,
    SIGN_IN_AGAIN,
    {
      text: 'Not able to get a SAMLResponse with success status after 6 iteration(s).',
      source: 'https://github.com/onelogin/onelogin-python-aws-assume-role/issues/69',
    },
  ),
  form('SAMLAssertion', /parameter SAMLAssertion, value: 0/, NO_RESPONSE, SIGN_IN_AGAIN, {
    text: 'Invalid length for parameter SAMLAssertion, value: 0, valid range: 4-inf',
    source: 'https://github.com/coinbase/assume-role/issues/57',
  }),
  form(
    'AssumeRoleWithSAMLInput',
    /minimum field size of 20, AssumeRoleWithSAMLInput\.PrincipalArn/,
    NO_RESPONSE,
    SIGN_IN_AGAIN,
    {
      text: '- minimum field size of 20, AssumeRoleWithSAMLInput.PrincipalArn.',
      source: 'https://github.com/mmmorris1975/aws-runas/issues/47',
    },
  ),
]
