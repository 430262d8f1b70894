package dev.loupe.service.tenant;

import io.quarkus.arc.All;
import io.quarkus.narayana.jta.QuarkusTransaction;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.transaction.Status;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.jdbi.v3.core.Jdbi;

/**
 * The second fence between tenants: row-level security of PostgreSQL, for what a request of a caller of another tenant than
 * {@code default} does in the database. Its connections have a role that sees the rows of the tenant alone. The first
 * fence are the access rules, and the conditions of queries.
 *
 * <p>It applies on the thread of the request, from the moment that the caller is known. A thread that a request starts knows no
 * caller, unless the request's context is passed on: like events, schedules and migrations, it is not fenced.
 */
@ApplicationScoped
public class TenantFence {
    private static final ScopedValue<Boolean> AS_OWNER = ScopedValue.newInstance();

    private final List<TenantOfCall> calls;
    private final TenantRole role;
    private final Jdbi jdbi;

    TenantFence(@All List<TenantOfCall> calls, TenantRole role, Jdbi jdbi) {
        this.calls = List.copyOf(calls);
        this.role = role;
        this.jdbi = jdbi;
    }

    /** Whose rows alone a connection that this thread acquires now must see; empty: it is not fenced. */
    Optional<String> tenant() {
        if (AS_OWNER.isBound()) {
            return Optional.empty();
        }
        return calls.stream().flatMap(call -> call.fence().stream()).findFirst();
    }

    /**
     * Does work on what all tenants share, or counts what all of them have: without the fence, as the owner of the tables. What it
     * reads must not reach the caller. Within a transaction, it is part of it; within a callback of Jdbi that is outside of a
     * transaction, it has no effect.
     */
    public <T> T asOwner(Supplier<T> work) {
        if (tenant().isEmpty()) {
            return work.get();
        }
        return QuarkusTransaction.getStatus() == Status.STATUS_NO_TRANSACTION
                ? ScopedValue.where(AS_OWNER, true).call(work::get)
                : inTransaction(work);
    }

    /** As {@link #asOwner(Supplier)}. */
    public void asOwner(Runnable work) {
        asOwner(() -> {
            work.run();
            return null;
        });
    }

    /** The transaction keeps its connection, which changes its role. */
    private <T> T inTransaction(Supplier<T> work) {
        become(null); // if it has no connection yet, it acquires one here, and the role is known then
        Optional<String> name = role.known();
        T result;
        try {
            result = ScopedValue.where(AS_OWNER, true).call(work::get);
        } catch (RuntimeException e) {
            try {
                name.ifPresent(this::become);
            } catch (RuntimeException aborted) { // then the transaction ends, and its connection is reset
                e.addSuppressed(aborted);
            }
            throw e;
        }
        name.ifPresent(this::become);
        return result;
    }

    /** @param name null: the role that the connection began with */
    private void become(String name) {
        jdbi.useHandle(handle -> handle.createQuery("select set_config('role', :role, false)")
                .bind("role", name)
                .mapTo(String.class)
                .findFirst());
    }
}
