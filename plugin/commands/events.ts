import type { Canary } from '../../shared/api/canary.ts';
import { KINDS } from '../../shared/api/kinds.ts';
import type { KubeObject } from '../../shared/api/kube.ts';
import {
  apexNameOf,
  canaryNameOf,
  primaryNameOf,
  primaryScalerNameOf,
  primaryWorkloadNameOf,
  targetNameOf,
} from '../../shared/api/names.ts';
import { sleep } from '../../shared/engine/ports.ts';
import { explained, readOne } from '../canaries.ts';
import type { Input } from '../cli/input.ts';
import type { Run } from '../cli/spec.ts';
import type { Connection, Io } from '../io.ts';
import { formOf, outStyle, writeView } from '../print.ts';
import { columns } from '../view/columns.ts';
import { EVENT_HEADERS, eventRow, eventTime, eventType, sortEvents } from '../view/event-rows.ts';

const POLL_MS = 2000;

/** The names whose events belong to a rollout; pods count by their workload's name. */
const involves = (canary: Canary) => {
  const names = new Set([
    targetNameOf(canary),
    primaryWorkloadNameOf(canary),
    apexNameOf(canary),
    primaryNameOf(canary),
    canaryNameOf(canary),
    canary.spec.autoscalerRef?.name,
    primaryScalerNameOf(canary),
  ]);
  const prefixes = [targetNameOf(canary), primaryWorkloadNameOf(canary)].map((name) => `${name}-`);
  return (event: KubeObject): boolean => {
    const object = event['involvedObject'] as { kind?: string; name?: string } | undefined;
    const name = object?.name ?? '';
    if (object?.kind === 'Canary') return name === canary.metadata.name;
    if (object?.kind === 'Pod' || object?.kind === 'ReplicaSet')
      return prefixes.some((prefix) => name.startsWith(prefix));
    return names.has(name);
  };
};

const read = async (canary: Canary, input: Input, io: Io, connection: Connection): Promise<KubeObject[]> => {
  const namespace = canary.metadata.namespace ?? '';
  const list = await connection.kube.list(KINDS.event, { namespace, signal: io.signal }).catch((error: unknown) => {
    throw explained(error);
  });
  const span = input.duration('since');
  const earliest = span === undefined ? 0 : io.clock.now() - span;
  const types = input.list('types');
  const belongs = involves(canary);
  return sortEvents(
    list.items.filter(
      (event) =>
        belongs(event) && eventTime(event) >= earliest && (types.length === 0 || types.includes(eventType(event))),
    ),
  );
};

export const run: Run = async (input, io) => {
  const form = await formOf(input, io, ['text', 'json', 'yaml']);
  const connection = await io.connect(input);
  try {
    const canary = await readOne(input, io, connection);
    const style = outStyle(input, io);
    let events = await read(canary, input, io, connection);
    const rows = (some: readonly KubeObject[]) => some.map((event) => eventRow(event, io.clock.now(), style));
    const watching = input.flag('watch');
    if (form.is !== 'text' && !watching) {
      await writeView({ apiVersion: 'v1', items: events, kind: 'List', metadata: { resourceVersion: '' } }, form, io);
      return 0;
    }
    const compact = (some: readonly KubeObject[]) => some.map((event) => `${JSON.stringify(event)}\n`).join('');
    if (form.is !== 'text') io.stdout.write(compact(events));
    else if (events.length === 0) io.stderr.write(`no events of ${canary.metadata.name}\n`);
    else
      io.stdout.write(
        `${columns([...(input.flag('no-headers') ? [] : [EVENT_HEADERS]), ...rows(events)]).join('\n')}\n`,
      );
    const versionOf = (event: KubeObject) => `${event.metadata.name}/${event.metadata.resourceVersion}`;
    while (watching) {
      const told = new Set(events.map(versionOf));
      await sleep(io.clock, POLL_MS, io.signal);
      events = await read(canary, input, io, connection);
      const fresh = events.filter((event) => !told.has(versionOf(event)));
      if (fresh.length > 0)
        io.stdout.write(form.is === 'text' ? `${columns(rows(fresh)).join('\n')}\n` : compact(fresh));
    }
    return 0;
  } finally {
    connection.close();
  }
};
