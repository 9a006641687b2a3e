import type { Connection, Io } from '../io.ts';

interface SelfReview {
  status?: { userInfo?: { username?: string } };
}

/** Who we are to the API server; undefined where it cannot say. */
export const whoAmI = async (connection: Connection, io: Io): Promise<string | undefined> => {
  const body = { apiVersion: 'authentication.k8s.io/v1', kind: 'SelfSubjectReview' };
  const review = (await connection.kube
    .raw('POST', '/apis/authentication.k8s.io/v1/selfsubjectreviews', body, io.signal)
    .catch(() => undefined)) as SelfReview | undefined;
  return review?.status?.userInfo?.username;
};
