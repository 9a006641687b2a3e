/** CANARY-STRAT-018 to -020: the cookies of session affinity. */
import { type Raw, recordOf, textOf } from '../raw.ts';
import { each, NOTHING, type Rule, when } from '../rule.ts';
import { quoted } from '../text.ts';
import type { CanaryView } from '../view.ts';

const AT = 'spec.analysis.sessionAffinity';
const LONGEST = 256;

/** Tokens of RFC 6265 that are not special in a pattern; a dot is, but matches itself too. */
const PLAIN_NAME = /^[A-Za-z0-9_!#%&'`~-]+$/;
const DOTTED_NAME = /^[A-Za-z0-9_!#%&'`~.-]+$/;

const affinityOf = ({ analysis }: CanaryView): Raw => recordOf(analysis['sessionAffinity']);

export const SESSION_AFFINITY_RULES: readonly Rule<CanaryView>[] = [
  {
    id: 'CANARY-STRAT-018',
    class: 'D',
    path: `${AT}.primaryCookieName`,
    about: 'one cookie for two purposes',
    check(view) {
      const { cookieName, primaryCookieName } = affinityOf(view);
      return when(textOf(cookieName) !== '' && cookieName === primaryCookieName, () => ({
        path: `${AT}.primaryCookieName`,
        message: `${quoted(cookieName)} is cookieName too; the Canary would never be scheduled. Choose another name.`,
        value: cookieName,
        reason: 'FieldValueDuplicate',
      }));
    },
  },
  {
    id: 'CANARY-STRAT-019',
    class: 'D',
    path: `${AT}.cookieName, ${AT}.primaryCookieName`,
    about: 'no name for a cookie',
    check(view) {
      const affinity = affinityOf(view);
      return each(['cookieName', 'primaryCookieName'], (field) => {
        const name = affinity[field];
        if (typeof name !== 'string' || (name === '' && field === 'primaryCookieName')) return undefined;
        if (name.length <= LONGEST && PLAIN_NAME.test(name)) return undefined;
        return {
          path: `${AT}.${field}`,
          message: `${quoted(name)} cannot be a cookie name (it is also used inside a pattern). Use letters, digits, - and _.`,
          value: name,
          soft: name.length <= LONGEST && DOTTED_NAME.test(name),
        };
      });
    },
  },
  {
    id: 'CANARY-STRAT-020',
    class: 'W',
    path: `${AT}.sameSite`,
    about: 'a cookie that browsers drop',
    check(view) {
      const { sameSite, secure } = affinityOf(view);
      if (sameSite !== 'None' || secure === true) return NOTHING;
      return [
        {
          path: `${AT}.sameSite`,
          message: 'browsers drop SameSite=None cookies that are not Secure. Set secure: true.',
        },
      ];
    },
  },
];
