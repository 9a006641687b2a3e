/** Reports in one line each, so that a test can compare everything that is told, word for word. */
import type { Report } from '../../../../shared/api/model.ts';

const lineOf = (report: Report): string => {
  if (report.tell === 'alert') return `alert ${report.severity}: ${report.message}`;
  if (report.tell === 'post-rollout') return `post-rollout ${report.phase}`;
  if (report.tell === 'metric')
    return `${report.op} ${report.name} ${report.value} ${Object.values(report.labels).join(',')}`;
  const heard = report.hookPhase === undefined ? '' : ` to ${report.hookPhase}`;
  const once = report.once === undefined ? '' : ` once (${report.once})`;
  return `${report.type} ${report.reason}${heard}${once}: ${report.message}`;
};

/** `Normal Synced to Progressing once (key): text`, `alert error: text`, `add metric 1 labels`, `post-rollout Failed`. */
export const linesOf = ({ reports }: { reports: readonly Report[] }): string[] => reports.map(lineOf);
