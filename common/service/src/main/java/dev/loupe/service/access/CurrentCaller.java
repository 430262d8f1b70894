package dev.loupe.service.access;

import jakarta.enterprise.context.RequestScoped;
import java.util.UUID;
import org.jdbi.v3.core.statement.SqlStatement;

/** The caller of the REST request in progress. */
@RequestScoped
public class CurrentCaller {
    private static final String VISIBLE = "(:visible::uuid[] is null or %s = any(:visible::uuid[])) and %s = :tenant";

    private Caller caller;

    /** @throws IllegalStateException in an operation that is open: its callers are not known */
    public Caller get() {
        if (caller == null) {
            throw new IllegalStateException("the caller is not known");
        }
        return caller;
    }

    /** The caller; null as long as it is not known. */
    Caller known() {
        return caller;
    }

    /**
     * Condition of SQL on the columns with the id and the name of a project: the caller may see it. It takes what {@link
     * #bind} binds.
     */
    public static String visible(String id, String name) {
        return VISIBLE.formatted(id, Tenant.ofProjectSql(name));
    }

    /** Binds the parameters of {@link #visible(String, String)}. */
    public <S extends SqlStatement<S>> S bind(S statement) {
        return statement
                .bind(
                        "visible",
                        get().everywhere() == null ? caller.projects().keySet().toArray(UUID[]::new) : null)
                .bind("tenant", caller.tenant());
    }

    void set(Caller known) {
        this.caller = known;
    }
}
