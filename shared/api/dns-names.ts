/** Patterns of names that end up in DNS (RFC 1123), as Kubernetes admits them; their length is limited beside them. */

/** Names of namespaces, Services and ports: at most 63 characters. */
export const DNS_LABEL = '^[a-z0-9]([-a-z0-9]*[a-z0-9])?$';

/** Names of most other objects: at most 253 characters. */
export const DNS_SUBDOMAIN = '^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$';
