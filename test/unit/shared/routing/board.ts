/** One Canary, its router and the objects that it reads and writes: an API server without rules. */
import type { Canary } from '../../../../shared/api/canary.ts';
import { type KubeObject, type Ref, refKey } from '../../../../shared/api/kube.ts';
import type { LiveRoutes, Rendered, Routes, Write } from '../../../../shared/api/model.ts';
import { apexNameOf, canaryNameOf, primaryNameOf } from '../../../../shared/api/names.ts';
import { routerOf } from '../../../../shared/routing/index.ts';
import type { RouteContext, Router } from '../../../../shared/routing/router.ts';

export const contextOf = (canary: Canary): RouteContext => ({
  canary,
  namespace: 'test',
  apex: apexNameOf(canary),
  primary: primaryNameOf(canary),
  canaryName: canaryNameOf(canary),
  selectorLabel: 'app',
  selectorValue: 'podinfo',
  owner: {
    apiVersion: 'flagger.app/v1beta1',
    kind: 'Canary',
    name: 'podinfo',
    uid: 'u',
    controller: true,
    blockOwnerDeletion: true,
  },
  settings: { ingressAnnotationsPrefix: 'nginx.ingress.kubernetes.io', ingressClass: '' },
});

export const at = (canary: number, more: Partial<Routes> = {}): Routes => ({
  primary: 100 - canary,
  canary,
  mirrored: false,
  ...more,
});

/** Free to be looked into. */
export type Loose = ReturnType<typeof JSON.parse>;

export class Board {
  readonly objects = new Map<string, KubeObject | undefined>();
  context: RouteContext;

  constructor(canary: Canary, ...found: readonly KubeObject[]) {
    this.context = contextOf(canary);
    for (const ref of this.router.refs(this.context)) {
      const object = found.find(({ kind, metadata }) => kind === ref.kind.kind && metadata.name === ref.name);
      this.objects.set(refKey(ref), object);
    }
  }

  get router(): Router {
    return routerOf(this.context.canary.spec.provider ?? '') as Router;
  }

  /** The Canary changes under the objects as they are. */
  change(canary: Canary): this {
    this.context = contextOf(canary);
    return this;
  }

  route(routes: Routes): readonly Write[] {
    return this.#write(this.router.render(this.context, routes, this.objects));
  }

  problem(routes: Routes): string | undefined {
    const rendered = this.router.render(this.context, routes, this.objects);
    return 'problem' in rendered ? rendered.problem : undefined;
  }

  finalise(): readonly Write[] {
    return this.#write(this.router.finalise(this.context, this.objects));
  }

  live(): LiveRoutes | { problem: string } | undefined {
    return this.router.parse(this.context, this.objects);
  }

  /** The object of that kind, of the first name that the router reads unless told. */
  object(kind: string, name?: string): Loose {
    const isIt = (ref: Ref): boolean => ref.kind.kind === kind && (name === undefined || ref.name === name);
    const ref = this.router.refs(this.context).find(isIt) as Ref;
    return this.objects.get(refKey(ref));
  }

  /** Somebody edits an object by hand. */
  edit(kind: string, change: (object: Loose) => void): void {
    const object = structuredClone(this.object(kind));
    change(object);
    const [key] = [...this.objects].find(
      ([, one]) => one?.kind === kind && one.metadata.name === object.metadata.name,
    ) as [string, unknown];
    this.objects.set(key, object);
  }

  #write(rendered: Rendered): readonly Write[] {
    if ('problem' in rendered) throw new Error(rendered.problem);
    for (const write of rendered.writes) {
      if (write.do === 'delete') this.objects.delete(refKey(write.ref));
      else if (write.do !== 'patch')
        this.objects.set(refKey(write.ref), JSON.parse(JSON.stringify(write.object)) as KubeObject);
    }
    return rendered.writes;
  }
}
