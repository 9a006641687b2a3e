import { isGiven } from '../raw.ts';
import { NOTHING, type Rule } from '../rule.ts';
import { shown } from '../text.ts';
import type { CanaryView } from '../view.ts';

const PATH = 'spec.service.port';

/** A target of kind Service brings its own ports; every other one gets its Services from this field. */
export const SERVICE_RULES: readonly Rule<CanaryView>[] = [
  {
    id: 'CANARY-SVC-001',
    class: 'D',
    path: PATH,
    about: 'no port, or none that exists',
    check({ service, targetKind }) {
      const { port } = service;
      if (!isGiven(port)) {
        if (targetKind === 'Service') return NOTHING;
        return [
          {
            path: PATH,
            message: 'required, 1-65535: without it no Service can be created. Set service.port.',
            value: null,
            reason: 'FieldValueRequired',
          },
        ];
      }
      if (typeof port === 'number' && port >= 1 && port <= 65_535) return NOTHING;
      return [
        { path: PATH, message: `${shown(port)} is not a port: no Service could be created. Use 1-65535.`, value: port },
      ];
    },
  },
];
