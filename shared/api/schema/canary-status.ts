import { PHASES } from '../phase.ts';
import { FAILURE_REASONS, HISTORY_RESULTS, VERDICTS } from '../words.ts';
import { amount, instant, list, optional, record, text, textMap, whole, word } from './parts.ts';

const condition = record(
  {
    type: text('Name of the condition: Promoted, Ready, Reconciling or Stalled.'),
    status: text('True, False or Unknown.'),
    reason: text('One word for the last change; that of Promoted is the phase.'),
    message: optional(text('One sentence for a person.')),
    lastUpdateTime: optional(instant('When the condition was last written.')),
    lastTransitionTime: optional(instant('When the status of the condition last changed.')),
    observedGeneration: optional(whole('Generation of the Canary that the condition speaks of.', { format: 'int64' })),
  },
  'One condition.',
);

const compared = record(
  {
    with: text('The workload whose value was the measure: primary.'),
    query: optional(text('The query as it was sent about that workload.')),
    value: optional(amount('Its value; absent when there was none.')),
    samples: optional(amount('Requests that its value rests on, where minSamples asked for their number.')),
  },
  'What the value was compared with; min and max follow from it.',
);

const check = record(
  {
    name: text('Name of the metric or hook.'),
    query: optional(text('The query as it was sent, with every variable filled in.')),
    value: optional(amount('The measured value; absent when there was none.')),
    min: optional(amount('Lowest value that passes.')),
    max: optional(amount('Highest value that passes.')),
    verdict: word(VERDICTS, 'Outcome of the check.'),
    message: optional(text('Why the check failed or stayed without a verdict.')),
    samples: optional(amount('Requests that the value rests on, where minSamples asked for their number.')),
    compared: optional(compared),
    time: instant('When the check was judged.'),
  },
  'One judged check.',
);

const command = record(
  {
    id: text('Id of the command; each id is obeyed once.'),
    verb: text('What was asked, for example promote.'),
    by: optional(text('Who asked.')),
    at: optional(instant('When it was asked.')),
    revision: optional(text('The revision that the command was meant for.')),
    result: word(['obeyed', 'refused'], 'What became of it.'),
    message: optional(text('Why it was refused, or what it changed.')),
    doneAt: optional(instant('When it was answered.')),
  },
  'One answered command.',
);

const approval = record(
  {
    gate: text('Name of the gate.'),
    revision: text('The one revision that the approval counts for.'),
    by: optional(text('Who approved.')),
    at: optional(instant('When it was approved.')),
    until: optional(instant('Until when the approval counts; without it as long as the rollout lasts.')),
  },
  'One approval of a native gate.',
);

const paused = record(
  {
    since: instant('When the pause was asked for.'),
    by: optional(text('Who paused the rollout.')),
    reason: optional(text('Why, in the words of that person.')),
    until: optional(instant('When the pause ends by itself; without it a person resumes.')),
  },
  'Set while a person holds the rollout: traffic stays, drift is still corrected.',
);

const pauseAt = record(
  {
    at: text('Where the rollout will stop: step=N or weight=N.'),
    since: instant('When the pause was asked for.'),
    by: optional(text('Who asked for it.')),
    reason: optional(text('Why, in the words of that person.')),
    for: optional(text('How long the pause will last, for example 30m; without it a person resumes.')),
  },
  'A pause that begins when the rollout gets that far.',
);

const historyEntry = record(
  {
    number: whole('Counts up by one with each revision.', { format: 'int64' }),
    revision: text('Digest of the revision.'),
    image: optional(text('Image of the first container.')),
    started: optional(instant('When its rollout started.')),
    ended: optional(instant('When its rollout ended; absent while it runs.')),
    result: word(HISTORY_RESULTS, 'How its rollout ended, or that it runs.'),
    reason: optional(word(FAILURE_REASONS, 'Why it failed, in one word.')),
    configs: optional(text('Digest of the ConfigMaps and Secrets that were tracked when its rollout started; opaque.')),
    worstCheck: optional(text('The check that came closest to its bound, or crossed it, in one line.')),
    by: optional(text('Who decided the end, where it was a person.')),
  },
  'One revision of the target.',
);

const waitingFor = record(
  {
    what: text('What the rollout waits for, in one line.'),
    since: optional(instant('Since when.')),
    until: optional(instant('When it stops to wait.')),
    gate: optional(text('The native gate that is closed; approve and reject name it.')),
    revision: optional(
      text('Digest of the revision that waits, where the rollout has not begun yet or a gate holds it.'),
    ),
  },
  'What the rollout waits for now; absent while it moves.',
);

const rollback = record(
  {
    reason: word(FAILURE_REASONS, 'Why, in one word.'),
    message: text('Why, in one line.'),
    since: instant('When it was decided.'),
    by: optional(text('Who decided it, where it was a person.')),
  },
  'Set while a rollback is carried out: whoever drives next goes on with it.',
);

const notReady = record(
  {
    target: optional(instant('Since when the target is waited for.')),
    primary: optional(instant('Since when the primary is waited for.')),
  },
  'Since when pods are waited for; their deadline counts from there. Absent while all are ready.',
);

/** Fields that the reference writes too, with its meaning. */
const compatible = {
  phase: optional(word(PHASES, 'Where the rollout stands.')),
  failedChecks: optional(amount('Failed checks of the running analysis.')),
  canaryWeight: optional(amount('Percent of the traffic that the canary gets.')),
  iterations: optional(amount('Iterations done in the running analysis.')),
  trackedConfigs: optional(
    textMap('Checksum of each tracked ConfigMap and Secret, by kind/name.', 'Checksum of the data.'),
  ),
  lastAppliedSpec: optional(text('Hash of the last seen revision, as the reference writes it; opaque.')),
  lastPromotedSpec: optional(text('Hash of the last promoted revision, as the reference writes it; opaque.')),
  lastTransitionTime: optional(instant('When the status was last written.')),
  sessionAffinityCookie: optional(text('Cookie value that pins a user to the canary in the running analysis.')),
  primarySessionAffinityCookie: optional(text('Cookie value that pins a user to the primary in the running analysis.')),
  previousSessionAffinityCookie: optional(
    text('Cookie value of the analysis before, which is now expired at the users.'),
  ),
  conditions: optional(list(condition, "Conditions; Promoted is the reference's own.")),
};

export const canaryStatusSchema = record(
  {
    ...compatible,
    observedGeneration: optional(whole('Generation of the Canary that this status speaks of.', { format: 'int64' })),
    revision: optional(text('Digest of the target revision that this status speaks of.')),
    dueAt: optional(instant('When the analysis may take its next step.')),
    primaryReplicas: optional(
      whole('Replicas of the primary when the rollout began: its autoscaler does not go below until it ended.', {
        format: 'int64',
      }),
    ),
    checks: optional(list(check, 'The last checks, one per metric and rollout hook.')),
    waitingFor: optional(waitingFor),
    notReady: optional(notReady),
    trafficSince: optional(instant('When the running analysis took its first step; a grace period counts from there.')),
    rollback: optional(rollback),
    commands: optional(list(command, 'The last answered commands, oldest first.')),
    approvals: optional(list(approval, 'Approvals of native gates for the present revision.')),
    paused: optional(paused),
    pauseAt: optional(pauseAt),
    history: optional(list(historyEntry, 'The last revisions, oldest first.')),
  },
  'Where the rollout stands; the drivers write it.',
  // Whoever writes it writes all of it: an API server that kept an owner for each field would work a sixth longer.
  { 'x-kubernetes-map-type': 'atomic' },
);
