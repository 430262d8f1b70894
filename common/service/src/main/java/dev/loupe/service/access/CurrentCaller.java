package dev.loupe.service.access;

import jakarta.enterprise.context.RequestScoped;
import java.util.UUID;

/** The caller of the REST request in progress. */
@RequestScoped
public class CurrentCaller {
    /** Condition of SQL on the column with the id of a project: {@code VISIBLE.formatted("p.id")}. */
    public static final String VISIBLE = "(:visible::uuid[] is null or %s = any(:visible::uuid[]))";

    private Caller caller;

    /** @throws IllegalStateException in an operation that is open: its callers are not known */
    public Caller get() {
        if (caller == null) {
            throw new IllegalStateException("the caller is not known");
        }
        return caller;
    }

    /** The projects whose things a list may show; null: all. */
    public UUID[] visible() {
        return get().everywhere() == null ? caller.projects().keySet().toArray(UUID[]::new) : null;
    }

    void set(Caller known) {
        this.caller = known;
    }
}
