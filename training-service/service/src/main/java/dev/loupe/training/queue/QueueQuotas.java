package dev.loupe.training.queue;

import java.util.Map;
import java.util.Optional;

/**
 * The quotas that bound the queue: each project has its own, and its tenant has one for all its projects together.
 *
 * @param projects those of projects, by id
 * @param tenants those of tenants, by name; their weights have no effect
 * @param tenantOf the tenants of the projects that wait or hold a trainer, by the id of the project; empty if no tenant
 *     has a quota
 */
record QueueQuotas(Map<String, Quota> projects, Map<String, Quota> tenants, Map<String, String> tenantOf) {
    static QueueQuotas ofProjects(Map<String, Quota> projects) {
        return new QueueQuotas(projects, Map.of(), Map.of());
    }

    Quota of(String project) {
        return projects.getOrDefault(project, Quota.NONE);
    }

    /** The quota of the project's tenant. */
    Quota ofTenantOf(String project) {
        return areOfOneTenant(project, project) ? tenants.getOrDefault(tenantOf.get(project), Quota.NONE) : Quota.NONE;
    }

    /** Whether two projects share a quota. */
    boolean areOfOneTenant(String one, String other) {
        String tenant = tenantOf.get(one);
        return tenant != null && tenant.equals(tenantOf.get(other));
    }

    /** Why the run cannot have a trainer now; empty if no quota keeps it from one. */
    Optional<String> refusal(Waiting run, Map<String, Usage> held) {
        return refusalOfProject(run, held).or(() -> refusalOfTenant(run, held));
    }

    Optional<String> refusalOfProject(Waiting run, Map<String, Usage> held) {
        return of(run.project()).refusal(held.getOrDefault(run.project(), Usage.NONE), run.gpus(), "project");
    }

    Optional<String> refusalOfTenant(Waiting run, Map<String, Usage> held) {
        Quota quota = ofTenantOf(run.project());
        if (quota.equals(Quota.NONE)) {
            return Optional.empty();
        }
        Usage all = held.entrySet().stream()
                .filter(one -> areOfOneTenant(run.project(), one.getKey()))
                .map(Map.Entry::getValue)
                .reduce(Usage.NONE, Usage::plus);
        return quota.refusal(all, run.gpus(), "tenant");
    }
}
