package dev.loupe.service.database;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.loupe.devstack.DevstackTestResource;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.ResourceArg;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.util.List;
import javax.sql.DataSource;
import org.flywaydb.core.api.FlywayException;
import org.jdbi.v3.core.Jdbi;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

@QuarkusTest
@QuarkusTestResource(
        value = DevstackTestResource.class,
        initArgs = @ResourceArg(name = "schema", value = "service_library"))
class SchemaIT {
    private static final List<String> LOCATIONS = List.of("db/common", "db/library");

    @Inject
    DataSource dataSource;

    @Inject
    Jdbi jdbi;

    @AfterEach
    void drop() {
        jdbi.useHandle(handle -> handle.execute("drop schema if exists another cascade"));
    }

    @Test
    void aSchemaThatIsNotThereIsMade() {
        another().migrate();
        assertEquals(List.of("0.1", "1", "2"), versions());
    }

    @Test
    void oneThatIsBehindIsBroughtForward() {
        new Schema(dataSource, "another", List.of("db/common"), 0, false).migrate();
        assertEquals(List.of("0.1"), versions());
        another().migrate();
        assertEquals(List.of("0.1", "1", "2"), versions());
    }

    @Test
    void aServiceStartsOnTheSchemaOfTheVersionThatFollowedIt() {
        another().migrate();
        later();
        another().migrate();
        assertEquals(List.of("0.1", "1", "2", "99"), versions());
    }

    @Test
    void whatFollowedIsNoReasonNotToBringForwardWhatIsMissing() {
        new Schema(dataSource, "another", List.of("db/common"), 0, false).migrate();
        later();
        // Flyway refuses it: a migration below one that ran. It was asked, and that is what counts here.
        assertThrows(FlywayException.class, () -> another().migrate());
    }

    @Test
    void nothingIsAskedOfFlywayWhereNothingIsMissing() {
        another().migrate();
        // Flyway would refuse it: the checksum is another one.
        jdbi.useHandle(handle -> handle.execute("update another.flyway_schema_history set checksum = 0"));
        another().migrate();
    }

    private Schema another() {
        return new Schema(dataSource, "another", LOCATIONS, 0, false);
    }

    private void later() {
        jdbi.useHandle(handle -> handle.execute("""
                insert into another.flyway_schema_history (installed_rank, version, description, type, script, checksum,
                    installed_by, execution_time, success)
                values (99, '99', 'of a later version', 'SQL', 'V99__later.sql', 0, 'later', 0, true)"""));
    }

    private List<String> versions() {
        return jdbi.withHandle(handle -> handle.createQuery(
                        "select version from another.flyway_schema_history where version is not null"
                                + " order by installed_rank")
                .mapTo(String.class)
                .list());
    }
}
