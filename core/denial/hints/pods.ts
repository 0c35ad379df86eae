/**
 * Pods of EKS, with service accounts (IRSA) and with Pod Identity, and machines outside of AWS with Roles Anywhere.
 * https://docs.aws.amazon.com/eks/latest/userguide/pod-identities.html
 */
import { type HintForm, hintStep } from './hint.ts'

const TOKEN_FILE = [
  hintStep(
    'Set securityContext.fsGroup of the pod (65534, or the group of the user), or update to a version of the image that does: the process runs as a user that may not read the token.',
    "kubectl get pod POD --namespace NAMESPACE --output jsonpath='{.spec.securityContext}'",
  ),
  hintStep('Until then the SDK may use the role of the node, and what that is denied is a result of this.'),
]
const UNREADABLE = 'The pod may not read the token of its service account, so it never asked for the role.'

/** Where the certificate of a machine is checked. https://docs.aws.amazon.com/rolesanywhere/latest/userguide/trust-model.html */
const CERTIFICATE = [
  hintStep(
    'Check the certificate: the authority of this trust anchor has issued it, over its intermediates, it is valid now, and it is an end certificate (CA:FALSE, digitalSignature).',
    'openssl verify -CAfile ca.pem -untrusted intermediates.pem certificate.pem',
  ),
  hintStep('Compare the authority with that of the trust anchor.', 'aws rolesanywhere list-trust-anchors'),
]

export const POD_FORMS: readonly HintForm[] = [
  {
    subject: 'web-identity-token',
    word: 'serviceaccount/token',
    form: /open \/var\/run\/secrets\/eks\.amazonaws\.com\/serviceaccount\/token: permission denied|path '\/var\/run\/secrets\/eks\.amazonaws\.com\/serviceaccount\/token' is denied|Permission denied: '\/var\/run\/secrets\/eks\.amazonaws\.com\/serviceaccount\/token'/,
    explains: 'principal',
    meaning: UNREADABLE,
    next: TOKEN_FILE,
    example: {
      text: 'time="2019-09-11T07:31:53Z" level=error msg="WebIdentityErr: unable to read file at /var/run/secrets/eks.amazonaws.com/serviceaccount/token\\ncaused by: open /var/run/secrets/eks.amazonaws.com/serviceaccount/token: permission denied"',
      source: 'https://github.com/aws/amazon-eks-pod-identity-webhook/issues/8',
    },
  },
  {
    subject: 'web-identity-token',
    word: 'unable to read file at',
    form: /WebIdentityErr: unable to read file at \/var\/run\/secrets\/eks\.amazonaws\.com\/serviceaccount\/token/,
    explains: 'principal',
    meaning: 'The pod could not read the token of its service account, so it never asked for the role.',
    next: [
      hintStep(
        'See whether the token is there and who may read it. If it is, set securityContext.fsGroup of the pod (65534, or the group of the user). If not, annotate the service account with eks.amazonaws.com/role-arn and start the pod again.',
        'kubectl exec POD --namespace NAMESPACE -- ls -lL /var/run/secrets/eks.amazonaws.com/serviceaccount/',
      ),
      ...TOKEN_FILE.slice(1),
    ],
    example: {
      text: 'Error presenting challenge: Failed to change Route 53 record set: WebIdentityErr: unable to read file at /var/run/secrets/eks.amazonaws.com/serviceaccount/token',
      source: 'https://github.com/cert-manager/cert-manager/issues/2147',
    },
  },
  {
    subject: 'web-identity-token',
    word: 'role ARN is not set',
    form: /WebIdentityErr: role ARN is not set/,
    explains: 'principal',
    meaning: 'The pod has the token of a service account and no role to use it for.',
    next: [
      hintStep(
        'Annotate the service account of the pod with eks.amazonaws.com/role-arn, then start the pod again: the webhook sets AWS_ROLE_ARN only for new pods.',
        'kubectl get serviceaccount NAME --namespace NAMESPACE --output yaml',
      ),
    ],
    example: {
      text: 'E! [EC2] getting new session info:  WebIdentityErr: role ARN is not set',
      source: 'https://github.com/aws/amazon-eks-pod-identity-webhook/issues/67',
    },
  },
  {
    // What fetches secrets for a pod reads the annotation of its service account.
    subject: 'web-identity-token',
    word: 'must be associated with service account',
    form: /[Aa]n IAM role must be associated with service account(?: (?<name>\w[\w.-]{0,252}) \(namespace: (?<namespace>\w[\w-]{0,62})\))?/,
    meaning: ({ name }) =>
      `The service account${name === undefined ? '' : ` ${name}`} has no annotation with a role, so AWS was not asked.`,
    next: ({ name = 'NAME', namespace = 'NAMESPACE' }) => [
      hintStep(
        'Annotate it with eks.amazonaws.com/role-arn, which other annotations such as iam.amazonaws.com/role do not replace. Where the role comes from EKS Pod Identity or from the node, tell the tool so, and name no service account for it.',
        `kubectl get serviceaccount ${name} --namespace ${namespace} --output yaml`,
      ),
    ],
    example: {
      text: 'unable to create session: an IAM role must be associated with service account frontend (namespace: demo)',
      source: 'https://github.com/external-secrets/external-secrets/issues/816',
    },
  },
  {
    subject: 'web-identity-token',
    word: 'aws-iam-token',
    form: /MountVolume\.SetUp failed for volume "aws-iam-token" : failed to fetch token/,
    meaning: 'Kubernetes could not make the token of the service account, so the pod has none.',
    next: [
      hintStep(
        'See that the service account exists in the namespace of the pod and that the cluster makes projected tokens, then delete the pod so that it is made again.',
        'kubectl get serviceaccount NAME --namespace NAMESPACE',
      ),
    ],
    example: {
      text: 'MountVolume.SetUp failed for volume "aws-iam-token" : failed to fetch token: the server could not find the requested resource',
      source: 'https://github.com/aws/amazon-eks-pod-identity-webhook/issues/119',
    },
  },
  {
    subject: 'web-identity-token',
    word: 'WebIdentityTokenFile',
    form: /A token could not be loaded from the WebIdentityTokenFile/,
    explains: 'principal',
    meaning: UNREADABLE,
    next: TOKEN_FILE,
    example: {
      text: 'System.InvalidOperationException: A token could not be loaded from the WebIdentityTokenFile.',
      source: 'https://github.com/Soluto/kamus/issues/588',
    },
  },
  {
    subject: 'pod-identity',
    word: 'assume the associated role',
    form: /EKS does not have permissions to assume the associated role/,
    meaning:
      'EKS Pod Identity may not assume the role of this association: its trust policy does not let the service in.',
    next: [
      hintStep(
        'Allow pods.eks.amazonaws.com both sts:AssumeRole and sts:TagSession in the trust policy of the role. One made for service accounts (IRSA) names an OIDC provider instead.',
        'aws iam get-role --role-name ROLE --query Role.AssumeRolePolicyDocument',
        'an administrator of the account',
      ),
      hintStep(
        'See which role the association names, and whether the pod should use service accounts instead.',
        'aws eks list-pod-identity-associations --cluster-name CLUSTER --namespace NAMESPACE --service-account NAME',
      ),
    ],
    example: {
      text: '(AccessDeniedException): Unauthorized Exception! EKS does not have permissions to assume the associated role., fault: client',
      source: 'https://github.com/aws-controllers-k8s/community/issues/2678',
    },
  },
  {
    subject: 'pod-identity',
    word: 'Service account token cannot be parsed',
    form: /Service account token cannot be parsed/,
    meaning: 'The agent of Pod Identity got a token that it cannot read.',
    next: [
      hintStep(
        'Change the application, or update its SDK: the request must send the content of the token file alone as Authorization, without Bearer and without a line break.',
      ),
    ],
    example: {
      text: 'Error fetching credentials: Service account token cannot be parsed: token is malformed: could not base64 decode header: illegal base64 data at input byte 6',
      source: 'https://github.com/n8n-io/n8n/issues/23584',
    },
  },
  {
    subject: 'pod-identity',
    word: 'HTTP credential provider invalid endpoint host',
    form: /HTTP credential provider invalid endpoint host, "169\.254\.170\.23"/,
    meaning: 'The AWS SDK in the container is too old for EKS Pod Identity.',
    next: [
      hintStep(
        'Use an image with a newer AWS SDK, or a service account with eks.amazonaws.com/role-arn. The minimum versions are on https://docs.aws.amazon.com/eks/latest/userguide/pod-id-minimum-sdk.html.',
      ),
    ],
    example: {
      text: 'Ignoring, HTTP credential provider invalid endpoint host, "169.254.170.23", only loopback hosts are allowed. <nil>',
      source: 'https://github.com/aws-controllers-k8s/community/issues/2145',
    },
  },
  {
    subject: 'roles-anywhere',
    word: 'Untrusted',
    form: /AccessDeniedException: Untrusted (?:signing )?certificate/i,
    meaning: 'The trust anchor of IAM Roles Anywhere does not lead to the certificate that was sent.',
    next: CERTIFICATE,
    example: {
      text: 'AccessDeniedException: Untrusted Signing Certificate',
      source: 'https://github.com/aws/rolesanywhere-credential-helper/issues/108',
    },
  },
  {
    subject: 'roles-anywhere',
    word: 'CreateSession',
    form: /RolesAnywhere: CreateSession.{0,160}AccessDeniedException: Invalid signature/,
    meaning: 'IAM Roles Anywhere cannot verify the signature of the request.',
    next: [
      hintStep(
        'Check that the private key belongs to the certificate: both commands print the same.',
        'openssl x509 -in certificate.pem -noout -pubkey; openssl pkey -in key.pem -pubout',
      ),
      hintStep('Check the clock and the time zone of the machine: a signature is only valid for minutes.', 'date -u'),
    ],
    example: {
      text: 'operation error RolesAnywhere: CreateSession, https response error StatusCode: 403, RequestID: xxx, AccessDeniedException: Invalid signature',
      source: 'https://github.com/aws/rolesanywhere-credential-helper/issues/128',
    },
  },
  {
    subject: 'roles-anywhere',
    word: 'set roleSessionName',
    form: /AccessDeniedException: Not authorized to set roleSessionName/i,
    meaning: 'The profile of IAM Roles Anywhere lets nobody name the session. No role was denied.',
    next: [
      hintStep(
        'Let the profile accept the name, or leave roleSessionName out of the call. Nodes of EKS need the name.',
        'aws rolesanywhere update-profile --profile-id PROFILE_ID --accept-role-session-name',
        'an administrator of the account',
      ),
    ],
    example: {
      text: 'AccessDeniedException: Not authorized to set roleSessionName',
      source: 'https://docs.aws.amazon.com/eks/latest/userguide/hybrid-nodes-troubleshooting.html',
    },
  },
]
