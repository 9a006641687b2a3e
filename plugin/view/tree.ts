/** A Canary with its objects as a tree. */
import type { KubeObject } from '../../shared/api/kube.ts';
import {
  apexNameOf,
  canaryNameOf,
  primaryNameOf,
  primaryWorkloadNameOf,
  targetNameOf,
} from '../../shared/api/names.ts';
import { columns, plain } from './columns.ts';
import type { Picture, Workload } from './picture.ts';
import type { Icon, Style, Tone } from './style.ts';
import { since } from './times.ts';

interface Row {
  readonly depth: number;
  readonly cells: readonly string[];
}

type Data = Record<string, unknown>;

const at = (object: unknown, ...path: string[]): unknown =>
  path.reduce<unknown>((value, name) => (value as Data | undefined)?.[name], object);

const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');

const whole = (value: unknown): number => (typeof value === 'number' ? value : 0);

export interface Replicas {
  readonly ready: number;
  readonly desired: number;
}

/** Ready and desired pods of a Deployment or DaemonSet; undefined for what has none. */
export const replicasOf = (object: KubeObject): Replicas | undefined => {
  if (object.kind === 'DaemonSet') {
    return {
      ready: whole(at(object, 'status', 'numberReady')),
      desired: whole(at(object, 'status', 'desiredNumberScheduled')),
    };
  }
  if (object.kind !== 'Deployment') return undefined;
  return { ready: whole(at(object, 'status', 'readyReplicas')), desired: whole(at(object, 'spec', 'replicas') ?? 1) };
};

const imagesOf = (object: KubeObject): string => {
  const containers = at(object, 'spec', 'template', 'spec', 'containers');
  return Array.isArray(containers) ? containers.map((container: Data) => textOf(container['image'])).join(', ') : '';
};

const readyCell = (object: KubeObject, style: Style): string => {
  const replicas = replicasOf(object);
  if (replicas === undefined) return '';
  const [icon, tone]: [Icon, Tone] =
    replicas.desired === 0
      ? ['idle', 'dim']
      : replicas.ready >= replicas.desired
        ? ['good', 'good']
        : ['moving', 'waiting'];
  return style.paint(tone, `${style.icon(icon)} ${replicas.ready}/${replicas.desired}`);
};

const lastExit = (status: Data): string => {
  const reason = at(status, 'lastState', 'terminated', 'reason') ?? at(status, 'state', 'waiting', 'reason');
  return reason === undefined ? '' : `  ${textOf(reason)}`;
};

const podRow = (pod: KubeObject, now: number, style: Style): string[] => {
  const containers = (at(pod, 'status', 'containerStatuses') as Data[] | undefined) ?? [];
  const ready = containers.filter((container) => container['ready'] === true).length;
  const restarts = containers.reduce((sum, container) => sum + whole(container['restartCount']), 0);
  const isReady = containers.length > 0 && ready === containers.length;
  const phase =
    pod.metadata.deletionTimestamp === undefined ? textOf(at(pod, 'status', 'phase')) || 'Pending' : 'Terminating';
  const trouble = restarts > 0 || !isReady ? containers.map(lastExit).join('') : '';
  return [
    `${style.sign('▪', '-')} ${pod.metadata.name}`,
    '',
    style.paint(isReady ? 'good' : 'waiting', `${style.icon(isReady ? 'good' : 'warn')} ${phase}`),
    `ready ${ready}/${containers.length}${restarts > 0 ? `  restarts ${restarts}` : ''}${trouble}`,
    since(pod.metadata.creationTimestamp, now),
  ];
};

/** Said of what the server did not let us see. */
const NOT_READ = 'could not be read';

const workloadRows = (
  workload: Workload,
  label: { name: string; kind: string; role: string },
  now: number,
  style: Style,
): Row[] => {
  const { object, pods } = workload;
  const title = `${style.sign('◆', '*')} ${label.kind} ${label.name}`;
  if (object === undefined) {
    const state =
      workload.isHidden === true ? style.paint('dim', NOT_READ) : style.paint('bad', `${style.icon('bad')} missing`);
    return [{ depth: 1, cells: [title, label.role, state, '', ''] }];
  }
  return [
    {
      depth: 1,
      cells: [
        title,
        label.role,
        readyCell(object, style),
        plain(imagesOf(object)),
        since(object.metadata.creationTimestamp, now),
      ],
    },
    ...pods.map((pod) => ({ depth: 2, cells: podRow(pod, now, style) })),
  ];
};

const PAUSED = 'autoscaling.keda.sh/paused-replicas';

const scalerRows = ({ scaler, primaryScaler }: Picture, style: Style): Row[] => {
  if (scaler === undefined) return [];
  const sign = style.sign('≈', '~');
  const paused = scaler.metadata.annotations?.[PAUSED];
  const state = paused === undefined ? '' : style.paint('dim', `paused at ${paused}`);
  return [scaler, primaryScaler].flatMap((object, index) =>
    object === undefined
      ? []
      : [
          {
            depth: 1,
            cells: [
              `${sign} ${object.kind} ${object.metadata.name}`,
              index === 0 ? 'canary' : 'primary',
              index === 0 ? state : '',
            ],
          },
        ],
  );
};

const serviceRow = (picture: Picture, style: Style): Row => {
  const { canary, services } = picture;
  const { apex, primary } = services;
  const selector =
    apex === undefined
      ? undefined
      : Object.values((at(apex, 'spec', 'selector') as Record<string, string> | undefined) ?? {})[0];
  const target = selector === undefined ? '' : ` ${style.sign('→', '->')} ${selector}`;
  const text = apex === undefined ? `Service ${apexNameOf(canary)}` : `Service ${apexNameOf(canary)}${target}`;
  const rest = [primaryNameOf(canary), canaryNameOf(canary)].join(` ${style.sign('·', ',')} `);
  const absent = services.isHidden === true ? NOT_READ : 'not created yet';
  const state = apex === undefined || primary === undefined ? style.paint('dim', absent) : '';
  return { depth: 1, cells: [`${style.sign('○', 'o')} ${text} ${style.sign('·', ',')} ${rest}`, '', state] };
};

const branches = (rows: readonly Row[], style: Style): string[] => {
  const [tee, elbow, pipe] = style.ascii ? ['|-', '`-', '|  '] : ['├─', '└─', '│  '];
  return rows.map((row, index) => {
    const later = rows.slice(index + 1);
    const next = later.find((other) => other.depth <= row.depth);
    const end = next === undefined || next.depth < row.depth ? elbow : tee;
    if (row.depth === 1) return `${end} `;
    return `${later.some((other) => other.depth === 1) ? pipe : '   '}${end} `;
  });
};

/** The rows below the header: workloads, scalers, services; as wide as they need. */
export const treeLines = (picture: Picture, now: number, style: Style): string[] => {
  const { canary, target, primary } = picture;
  const kind = canary.spec.targetRef.kind ?? 'Deployment';
  const rows: Row[] = [
    ...workloadRows(target, { name: targetNameOf(canary), kind, role: 'canary' }, now, style),
    ...(kind === 'Service'
      ? []
      : workloadRows(primary, { name: primaryWorkloadNameOf(canary), kind, role: 'primary' }, now, style)),
    ...scalerRows(picture, style),
  ];
  const all = [...rows, serviceRow(picture, style)];
  const trunk = branches(all, style);
  const aligned = columns(
    rows.map((row, index) => [`${trunk[index] as string}${row.cells[0] as string}`, ...row.cells.slice(1)]),
  );
  return [
    ...aligned,
    `${trunk.at(-1) as string}${(all.at(-1) as Row).cells.filter((cell) => cell !== '').join('   ')}`,
  ];
};
