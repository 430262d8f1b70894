package dev.loupe.service.database;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.loupe.testing.DevstackTestResource;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.ResourceArg;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.Stream;
import javax.sql.DataSource;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.FlywayException;
import org.flywaydb.core.api.configuration.FluentConfiguration;
import org.flywaydb.core.api.exception.FlywayValidateException;
import org.jdbi.v3.core.Jdbi;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Flyway as Quarkus configures it for the services, on a schema of its own. */
@QuarkusTest
@QuarkusTestResource(
        value = DevstackTestResource.class,
        initArgs = @ResourceArg(name = "schema", value = "service_library"))
class MigrationIT {
    /** Of all migrations of the library in the test resources. */
    private static final List<String> VERSIONS = List.of("0.1", "1", "2", "3", "4", "5", "6", "7", "8", "9", "10");

    @Inject
    Flyway flyway;

    @Inject
    Jdbi jdbi;

    @Inject
    DataSource database;

    @AfterEach
    void drop() {
        jdbi.useHandle(handle -> handle.execute("drop schema if exists another cascade"));
    }

    @Test
    void migratesTheServicesSchemaOnStart() {
        assertEquals(VERSIONS, versions("service_library"));
    }

    @Test
    void appliesPendingMigrations() {
        new Flyway(another().target("0.1")).migrate();
        assertEquals(List.of("0.1"), versions("another"));
        new Flyway(another()).migrate();
        assertEquals(VERSIONS, versions("another"));
    }

    @Test
    void replicasThatStartAtTheSameTimeMigrateOnce() {
        try (ExecutorService replicas = Executors.newFixedThreadPool(4)) {
            Stream.generate(() -> CompletableFuture.runAsync(() -> new Flyway(another()).migrate(), replicas))
                    .limit(4)
                    .toList()
                    .forEach(CompletableFuture::join);
        }

        assertEquals(VERSIONS, versions("another"));
    }

    @Test
    void startsOnTheSchemaOfALaterVersion() {
        new Flyway(another()).migrate();
        jdbi.useHandle(handle -> handle.execute("""
                insert into another.flyway_schema_history (installed_rank, version, description, type, script, checksum,
                    installed_by, execution_time, success)
                values (99, '99', 'of a later version', 'SQL', 'V99__later.sql', 0, 'later', 0, true)"""));

        new Flyway(another()).migrate();

        assertEquals(Stream.concat(VERSIONS.stream(), Stream.of("99")).toList(), versions("another"));
    }

    @Test
    void refusesAMigrationThatWasEditedAfterItRan() {
        new Flyway(another()).migrate();
        jdbi.useHandle(handle ->
                handle.execute("update another.flyway_schema_history set checksum = checksum + 1 where version = '1'"));

        Flyway edited = new Flyway(another());
        String message =
                assertThrows(FlywayValidateException.class, edited::migrate).getMessage();

        assertTrue(message.contains("Migration checksum mismatch for migration version 1"), message);
    }

    @Test
    void givesUpWhereATableStaysInUse() throws SQLException {
        new Flyway(another().target("0.1")).migrate();
        Flyway impatient = new Flyway(another().placeholders(Map.of("lock-timeout", "200ms")));
        try (Connection reader = database.getConnection()) {
            reader.setAutoCommit(false);
            reader.createStatement().execute("select 1 from another.outbox");

            String message =
                    assertThrows(FlywayException.class, impatient::migrate).getMessage();

            assertTrue(message.contains("canceling statement due to lock timeout"), message);
            reader.rollback();
        }

        impatient.migrate();
        assertEquals(VERSIONS, versions("another"));
    }

    private FluentConfiguration another() {
        return new FluentConfiguration()
                .configuration(flyway.getConfiguration())
                .defaultSchema("another")
                .schemas("another");
    }

    private List<String> versions(String schema) {
        return jdbi.withHandle(handle -> handle.createQuery("select version from " + schema
                        + ".flyway_schema_history where version is not null order by installed_rank")
                .mapTo(String.class)
                .list());
    }
}
