package dev.loupe.service.database;

import java.time.Duration;
import org.jdbi.v3.core.Jdbi;

/** Deletes old rows in batches, so that no transaction is long. */
public final class Retention {
    private static final int BATCH = 1_000;

    private Retention() {}

    /**
     * Deletes the rows that are older than the age. Must not be called within a transaction.
     *
     * @param table table of this service, with an index on the column
     * @param column name of a column of type timestamp with time zone
     * @return the number of deleted rows
     */
    public static int prune(Jdbi jdbi, String table, String column, Duration age) {
        String delete = """
                delete from %1$s where ctid = any(array(
                    select ctid from %1$s where %2$s < now() - make_interval(secs => :age) limit %3$d))""".formatted(table, column, BATCH);
        int pruned = 0;
        int batch;
        do {
            batch = jdbi.withHandle(handle -> handle.createUpdate(delete)
                    .bind("age", age.toMillis() / 1000.0)
                    .execute());
            pruned += batch;
        } while (batch == BATCH);
        return pruned;
    }
}
