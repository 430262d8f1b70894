package dev.loupe.service.tenant;

import io.quarkus.narayana.jta.QuarkusTransaction;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import org.jdbi.v3.core.Jdbi;

/** Lists the items of all tenants: its query has forgotten the condition. */
@Path("/items")
@RunOnVirtualThread
public class ItemResource {
    private final Jdbi jdbi;
    private final TenantFence fence;

    /** What a query sees, and as which role of PostgreSQL. */
    public record Seen(String role, List<String> names) {}

    ItemResource(Jdbi jdbi, TenantFence fence) {
        this.jdbi = jdbi;
        this.fence = fence;
    }

    @GET
    @Path("/{how}")
    public List<Seen> list(@PathParam("how") String how) throws Exception {
        return switch (how) {
            case "transaction" -> QuarkusTransaction.requiringNew().call(() -> List.of(seen(), seen()));
            case "owner" -> List.of(seen(), fence.asOwner(this::seen), seen());
            case "owner-in-transaction" ->
                QuarkusTransaction.requiringNew().call(() -> List.of(seen(), fence.asOwner(this::seen), seen()));
            case "transaction-as-owner" ->
                fence.asOwner(() -> QuarkusTransaction.requiringNew().call(() -> List.of(seen())));
            case "failure-as-owner" -> QuarkusTransaction.requiringNew().call(() -> List.of(failureAsOwner(), seen()));
            case "aborted" -> QuarkusTransaction.requiringNew().call(() -> List.of(execute("select 1 / 0")));
            case "disconnected" ->
                QuarkusTransaction.requiringNew()
                        .call(() ->
                                List.of(fence.asOwner(() -> execute("select pg_terminate_backend(pg_backend_pid())"))));
            case "thread" -> {
                try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
                    yield List.of(
                            CompletableFuture.supplyAsync(this::seen, threads).get());
                }
            }
            default -> List.of(seen(), seen());
        };
    }

    private Seen seen() {
        return jdbi.withHandle(handle -> new Seen(
                handle.createQuery("select current_user").mapTo(String.class).one(),
                handle.createQuery("select name from item order by name")
                        .mapTo(String.class)
                        .list()));
    }

    /** Work that fails before it asks the database. */
    private Seen failureAsOwner() {
        try {
            return fence.asOwner(() -> {
                throw new IllegalStateException("nothing was done");
            });
        } catch (IllegalStateException _) {
            return seen();
        }
    }

    private Seen execute(String statement) {
        jdbi.useHandle(handle -> handle.execute(statement));
        return seen();
    }
}
