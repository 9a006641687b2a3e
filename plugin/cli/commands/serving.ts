/** The roles that run in a cluster. */
import { HELP } from '../flags.ts';
import type { CommandSpec } from '../spec.ts';

export const SERVING: readonly CommandSpec[] = [
  {
    name: 'controller',
    section: 'serve',
    goStyle: true,
    about: 'Drive all canaries of a cluster, for as long as it runs',
    details: 'Flags keep the names that users of Flagger know; both -name=value and --name value are understood.',
    examples: [
      'kubectl canary controller --mesh-provider nginx --metrics-server http://prometheus:9090',
      'kubectl canary controller --kubeconfig dev.kubeconfig --namespace test',
    ],
    groups: [
      {
        title: 'Cluster',
        flags: {
          kubeconfig: { type: 'text', value: 'FILE', about: 'outside a cluster: the kubeconfig', offers: 'files' },
          context: { type: 'text', value: 'NAME', about: 'context of the kubeconfig', offers: 'contexts' },
          namespace: {
            type: 'text',
            short: 'n',
            value: 'NAME',
            about: 'only this namespace; empty: all',
            offers: 'namespaces',
          },
          'cluster-name': { type: 'text', value: 'NAME', about: 'named in alerts' },
          'no-cross-namespace-refs': { type: 'flag', about: 'refuse references into other namespaces' },
          'enable-config-tracking': { type: 'flag', about: 'follow ConfigMaps and Secrets', default: 'true' },
          'selector-labels': {
            type: 'text',
            value: 'NAMES',
            about: 'labels that can select the target',
            default: 'app,name,app.kubernetes.io/name',
          },
          'include-label-prefix': {
            type: 'text',
            value: 'PREFIXES',
            about: 'labels and annotations that are copied; * for all',
          },
        },
      },
      {
        title: 'Traffic and metrics',
        flags: {
          'mesh-provider': {
            type: 'text',
            value: 'NAME',
            about: 'provider of canaries that name none',
            default: 'istio',
          },
          'metrics-server': {
            type: 'text',
            value: 'URL',
            about: 'Prometheus of the built-in checks',
            default: 'http://prometheus:9090',
          },
          'ingress-annotations-prefix': {
            type: 'text',
            value: 'PREFIX',
            about: 'of the ingress controller',
            default: 'nginx.ingress.kubernetes.io',
          },
          'ingress-class': { type: 'text', value: 'NAME', about: 'ingress class of the routes' },
        },
      },
      {
        title: 'Notifications',
        flags: {
          'event-webhook': { type: 'text', value: 'URL', about: 'told of each event; $EVENT_WEBHOOK_URL wins' },
          'slack-url': { type: 'text', value: 'URL', about: 'Slack hook; $SLACK_URL wins' },
          'slack-token': { type: 'text', value: 'TOKEN', about: 'Slack bot token; $SLACK_TOKEN wins' },
          'slack-proxy-url': { type: 'text', value: 'URL', about: 'proxy to Slack; $SLACK_PROXY_URL wins' },
          'slack-user': { type: 'text', value: 'NAME', about: 'name in Slack', default: 'flagger' },
          'slack-channel': { type: 'text', value: 'NAME', about: 'channel in Slack' },
          'msteams-url': { type: 'text', value: 'URL', about: 'Teams hook; $MSTEAMS_URL wins' },
          'msteams-proxy-url': { type: 'text', value: 'URL', about: 'proxy to Teams; $MSTEAMS_PROXY_URL wins' },
        },
      },
      {
        title: 'Process',
        flags: {
          port: { type: 'text', value: 'N', about: '/healthz, /readyz and /metrics', default: '8080' },
          'log-level': { type: 'text', value: 'LEVEL', about: 'debug, info, warn or error', default: 'info' },
          threadiness: { type: 'whole', value: 'N', about: 'how many canaries are worked on at once', default: '2' },
          'enable-leader-election': { type: 'flag', about: 'accepted; the lease is always taken' },
          'leader-election-namespace': {
            type: 'text',
            value: 'NAME',
            about: 'namespace of the lease',
            default: 'canary-system',
          },
          'control-loop-interval': {
            type: 'duration',
            value: 'TIME',
            about: 'accepted; due times are kept per canary',
            default: '10s',
          },
          'kubeconfig-qps': { type: 'whole', value: 'N', about: 'accepted, not used', hidden: true },
          'kubeconfig-burst': { type: 'whole', value: 'N', about: 'accepted, not used', hidden: true },
          'zap-encoding': { type: 'text', value: 'NAME', about: 'accepted, not used', hidden: true },
          'zap-replace-globals': { type: 'flag', about: 'accepted, not used', hidden: true },
          version: { type: 'flag', about: 'print the version and end' },
        },
      },
      HELP,
    ],
    load: () => import('../../commands/controller.ts'),
  },
  {
    name: 'webhook',
    section: 'serve',
    args: '[FLAGS...]',
    max: Number.POSITIVE_INFINITY,
    passThrough: true,
    about: 'Serve validating and mutating admission',
    details:
      'Starts the webhook server that is installed beside this program and hands all flags on to it; "kubectl canary webhook --help" lists them.',
    examples: ['kubectl canary webhook --help'],
    groups: [],
    load: () => import('../../commands/webhook.ts'),
  },
];
