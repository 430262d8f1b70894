package dev.loupe.dataset.image;

import static io.restassured.RestAssured.given;

import dev.loupe.dataset.DatasetServiceIT;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.util.UUID;
import java.util.stream.LongStream;
import org.jdbi.v3.core.Jdbi;
import org.junit.jupiter.api.Test;

/**
 * Measures searches in a project of 100,000 images: {@code mvn test -Dtest=ImageSearchMeasure}. Not part of the suite.
 */
@QuarkusTest
class ImageSearchMeasure extends DatasetServiceIT {
    private static final int IMAGES = 100_000;
    private static final int REPETITIONS = 9;

    @Inject
    Jdbi jdbi;

    @Test
    void searchesOneHundredThousandImages() {
        String project = classificationProject();
        UUID id = UUID.fromString(given().get(project).path("id"));
        jdbi.useHandle(handle -> {
            handle.createUpdate("""
                            insert into stored_object (sha256, size)
                            select encode(sha256(('m' || i)::bytea), 'hex'), 1000 + i from generate_series(1, :images) i""").bind("images", IMAGES).execute();
            handle.createUpdate("""
                            insert into image (project_id, sha256, name, size, format, width, height, label, split, created_at)
                            select :project, encode(sha256(('m' || i)::bytea), 'hex'), 'camera-' || i % 7 || '/' || i || '.png',
                                   1000 + i % 50000, (array['PNG', 'JPEG', 'TIFF'])[1 + i % 3], 640, 480,
                                   case when i % 10 > 0 then 'class-' || i % 10 end,
                                   (array['TRAIN', 'DEV', 'TEST', null])[1 + i % 4],
                                   now() - make_interval(secs => i / 100)
                            from generate_series(1, :images) i""").bind("project", id).bind("images", IMAGES).execute();
        });
        for (String state : new String[] {"after the import", "after ANALYZE and VACUUM"}) {
            System.out.println(state);
            for (String sort : new String[] {"digest", "name", "-time", "size"}) {
                measure(project, "/images?limit=100&sort=" + sort);
                measure(project, "/images?limit=100&offset=50000&sort=" + sort);
            }
            measure(project, "/images?limit=100&offset=99900&sort=-name");
            measure(project, "/images?limit=100&sort=-time&label=class-3&split=TRAIN&split=TEST");
            measure(project, "/images?limit=100&offset=5000&sort=name&label=class-3");
            measure(project, "/images?limit=100&sort=name&text=777");
            measure(project, "/images?limit=100&sort=name&unlabelled=true&format=TIFF");
            measure(project, "/images/facets");
            measure(project, "/images/facets?label=class-3&split=TRAIN");
            measure(project, "/images/facets?text=777");
            jdbi.useHandle(handle -> handle.execute("vacuum analyze image"));
        }
    }

    private static void measure(String project, String path) {
        long[] times = LongStream.range(0, REPETITIONS)
                .map(_ -> {
                    long start = System.nanoTime();
                    given().get(project + path).then().statusCode(200);
                    return System.nanoTime() - start;
                })
                .toArray();
        System.out.printf(
                "MEASURED %-75s first %5.0f ms, median %5.0f ms%n",
                path, times[0] / 1e6, LongStream.of(times).sorted().toArray()[REPETITIONS / 2] / 1e6);
    }
}
