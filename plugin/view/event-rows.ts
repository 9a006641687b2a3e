/** Events as rows, oldest first. */
import type { KubeObject } from '../../shared/api/kube.ts';
import { plain } from './columns.ts';
import type { Style } from './style.ts';
import { clockTime, instantOf, since } from './times.ts';

interface EventFields {
  type?: string;
  reason?: string;
  message?: string;
  count?: number;
  firstTimestamp?: string | null;
  lastTimestamp?: string | null;
  eventTime?: string | null;
  source?: { component?: string };
  reportingComponent?: string;
  involvedObject?: { kind?: string; name?: string };
  series?: { count?: number; lastObservedTime?: string };
}

const fields = (event: KubeObject): EventFields => event as unknown as EventFields;

/** When an event was last seen, milliseconds since 1970. */
export const eventTime = (event: KubeObject): number => {
  const { series, lastTimestamp, eventTime: at, firstTimestamp } = fields(event);
  const text = series?.lastObservedTime ?? lastTimestamp ?? at ?? firstTimestamp ?? event.metadata.creationTimestamp;
  const time = Date.parse(text ?? '');
  return Number.isNaN(time) ? 0 : time;
};

export const sortEvents = (events: readonly KubeObject[]): KubeObject[] =>
  events.toSorted((a, b) => eventTime(a) - eventTime(b));

export const eventType = (event: KubeObject): string => fields(event).type ?? 'Normal';

/** `14:03:10 W message`, for the foot of a live view. */
export const eventLine = (event: KubeObject, style: Style): string => {
  const warning = eventType(event) === 'Warning';
  const text = `${clockTime(eventTime(event), style.utc)} ${warning ? 'W' : 'N'} ${plain(fields(event).message ?? '')}`;
  return warning ? style.paint('waiting', text) : style.paint('dim', text);
};

const countOf = (event: KubeObject): number => fields(event).series?.count ?? fields(event).count ?? 1;

/** LAST SEEN, TYPE, OBJECT, BY, MESSAGE. Off a terminal times are absolute. */
export const eventRow = (event: KubeObject, now: number, style: Style): string[] => {
  const { involvedObject: object = {}, source, reportingComponent, message = '' } = fields(event);
  const times = countOf(event);
  const seen = style.utc ? instantOf(eventTime(event)) : since(new Date(eventTime(event)).toISOString(), now);
  const repeated = times > 1 ? ` (${style.sign('×', 'x')}${times})` : '';
  const type = eventType(event);
  return [
    `${seen}${repeated}`,
    style.paint(type === 'Warning' ? 'waiting' : 'plain', type),
    `${(object.kind ?? '').toLowerCase()}/${object.name ?? ''}`,
    source?.component ?? reportingComponent ?? '',
    plain(message),
  ];
};

export const EVENT_HEADERS = ['LAST SEEN', 'TYPE', 'OBJECT', 'BY', 'MESSAGE'];
