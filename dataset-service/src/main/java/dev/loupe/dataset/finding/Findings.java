package dev.loupe.dataset.finding;

import dev.loupe.contracts.Split;
import dev.loupe.dataset.finding.Finding.FindingImage;
import dev.loupe.dataset.project.Project;
import dev.loupe.dataset.quality.FindingKind;
import dev.loupe.service.error.ErrorCode;
import dev.loupe.service.error.QuotedInput;
import dev.loupe.service.error.ServiceException;
import dev.loupe.service.paging.PageRequest;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.transaction.Transactional;
import jakarta.transaction.Transactional.TxType;
import java.time.Instant;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.mapper.reflect.ColumnName;
import org.jdbi.v3.json.Json;

/** The findings of the projects in the database, as the last search found them. */
@ApplicationScoped
class Findings {
    /** Images that an item of a list shows. */
    static final int LISTED_IMAGES = 6;
    /** Images that a single finding shows. */
    static final int MAX_IMAGES = 1000;

    private final Jdbi jdbi;

    /**
     * Numbers of findings of a kind.
     *
     * @param open findings without a decision
     */
    @Schema(name = "FindingCount")
    public record KindCount(FindingKind kind, int open, int accepted, int dismissed) {}

    /** A finding with its position in the list of all. */
    record Positioned(double position, Finding finding) {
        String cursor() {
            return position + " " + finding.id();
        }
    }

    /** Selects findings: those of one of the kinds and in one of the states. Empty lists select all. */
    record Filter(List<FindingKind> kinds, List<FindingState> states) {
        private String[] kindNames() {
            return names(kinds.isEmpty() ? List.of(FindingKind.values()) : kinds);
        }

        private String[] stateNames() {
            return names(states.isEmpty() ? List.of(FindingState.values()) : states);
        }

        private static String[] names(Collection<? extends Enum<?>> constants) {
            return constants.stream().map(Enum::name).toArray(String[]::new);
        }
    }

    public record Row(
            String id,
            FindingKind kind,
            Severity severity,
            double position,
            FindingState state,
            String message,
            String label,
            String likelyLabel,
            @ColumnName("run_id") UUID run,
            Split split,
            int imageCount,
            List<String> images,
            @Json Map<String, Double> figures,
            Instant foundAt,
            Instant decidedAt,
            String decidedBy,
            String reason) {

        private Positioned with(Map<String, FindingImage> known) {
            // An image that was deleted since the search is not shown.
            List<FindingImage> shown =
                    images.stream().map(known::get).filter(Objects::nonNull).toList();
            return new Positioned(
                    position,
                    new Finding(
                            id,
                            kind,
                            severity,
                            state,
                            message,
                            label,
                            likelyLabel,
                            run,
                            split,
                            imageCount,
                            shown,
                            figures,
                            foundAt,
                            decidedAt,
                            decidedBy,
                            reason));
        }
    }

    Findings(Jdbi jdbi) {
        this.jdbi = jdbi;
    }

    /** Lists findings, the most severe first: up to one more than the limit. */
    List<Positioned> list(Project project, Filter filter, PageRequest page) {
        double position = -1;
        String id = "";
        if (!page.after().isEmpty()) {
            String[] parts = page.after().split(" ", 2);
            try {
                position = Double.parseDouble(parts[0]);
                id = parts[1];
            } catch (NumberFormatException | ArrayIndexOutOfBoundsException e) {
                throw new ServiceException(ErrorCode.INVALID_CURSOR, "cursor: not one that an earlier page gave", e);
            }
        }
        double after = position;
        String afterId = id;
        return jdbi.withHandle(handle -> withImages(
                handle,
                project,
                handle.createQuery("""
                                select %s from finding
                                where project_id = :project and present and kind = any(:kinds) and state = any(:states)
                                  and (position, id) > (:position, :id)
                                order by position, id limit :limit""".formatted(columns(LISTED_IMAGES)))
                        .bind("project", project.id())
                        .bindArray("kinds", String.class, (Object[]) filter.kindNames())
                        .bindArray("states", String.class, (Object[]) filter.stateNames())
                        .bind("position", after)
                        .bind("id", afterId)
                        .bind("limit", page.limit() + 1)
                        .mapTo(Row.class)
                        .list()));
    }

    /** Counts the findings of a filter. */
    int count(Project project, Filter filter) {
        return jdbi.withHandle(handle -> handle.createQuery("""
                        select count(*) from finding
                        where project_id = :project and present and kind = any(:kinds) and state = any(:states)""")
                .bind("project", project.id())
                .bindArray("kinds", String.class, (Object[]) filter.kindNames())
                .bindArray("states", String.class, (Object[]) filter.stateNames())
                .mapTo(Integer.class)
                .one());
    }

    /** Counts all findings of a project by kind and state; every kind has an entry. */
    List<KindCount> counts(Project project) {
        Map<FindingKind, KindCount> found = new HashMap<>();
        jdbi.withHandle(handle -> handle.createQuery("""
                        select kind, count(*) filter (where state = 'OPEN') as open,
                               count(*) filter (where state = 'ACCEPTED') as accepted,
                               count(*) filter (where state = 'DISMISSED') as dismissed
                        from finding where project_id = :project and present and kind = any(:kinds) group by kind""")
                        .bind("project", project.id())
                        .bindArray("kinds", String.class, (Object[]) new Filter(List.of(), List.of()).kindNames())
                        .mapTo(KindCount.class)
                        .list())
                .forEach(count -> found.put(count.kind(), count));
        return Arrays.stream(FindingKind.values())
                .map(kind -> found.getOrDefault(kind, new KindCount(kind, 0, 0, 0)))
                .toList();
    }

    /** Returns the number of images of the project that had no measures at the last search. */
    int unmeasured(Project project) {
        return jdbi.withHandle(
                handle -> handle.createQuery("select unmeasured from finding_search where project_id = :project")
                        .bind("project", project.id())
                        .mapTo(Integer.class)
                        .findOne()
                        .orElse(0));
    }

    /** Returns the finding; throws {@code FINDING_NOT_FOUND} if the last search did not find it. */
    Finding require(Project project, String id) {
        return jdbi
                .withHandle(handle -> withImages(
                        handle,
                        project,
                        handle.createQuery("""
                                select %s from finding where project_id = :project and present and id = :id""".formatted(columns(MAX_IMAGES)))
                                .bind("project", project.id())
                                .bind("id", id)
                                .mapTo(Row.class)
                                .list()))
                .stream()
                .findFirst()
                .orElseThrow(() -> new ServiceException(
                        ErrorCode.FINDING_NOT_FOUND,
                        "project '" + project.name() + "' has no finding " + QuotedInput.of(id)))
                .finding();
    }

    /**
     * Decides on a finding, or withdraws the decision.
     *
     * @param reason why, null if none is given
     */
    @Transactional(TxType.MANDATORY)
    Finding decide(Project project, String id, FindingState state, String actor, String reason) {
        jdbi.useHandle(handle -> handle.createUpdate("""
                        update finding set state = :state, reason = :reason,
                            decided_at = case when :open then null else now() end,
                            decided_by = case when :open then null else :actor end
                        where project_id = :project and present and id = :id""")
                .bind("state", state.name())
                .bind("open", state == FindingState.OPEN)
                .bind("actor", actor)
                .bind("reason", state == FindingState.OPEN ? null : reason)
                .bind("project", project.id())
                .bind("id", id)
                .execute());
        return require(project, id);
    }

    private static String columns(int images) {
        return """
                id, kind, severity, position, state, message, label, likely_label, run_id, split, cardinality(images) as image_count,
                array(select unnest(images) limit %d) as images, figures, found_at, decided_at, decided_by, reason""".formatted(images);
    }

    private static List<Positioned> withImages(Handle handle, Project project, List<Row> rows) {
        Map<String, FindingImage> images = new HashMap<>();
        handle.createQuery("""
                        select sha256, name, width, height, label, case when label = 'abnormal' then defect end as defect,
                               split
                        from image where project_id = :project and sha256 = any(:digests)""")
                .bind("project", project.id())
                .bindArray(
                        "digests",
                        String.class,
                        rows.stream().map(Row::images).flatMap(List::stream).toList())
                .mapTo(FindingImage.class)
                .forEach(image -> images.put(image.sha256(), image));
        return rows.stream().map(row -> row.with(images)).toList();
    }
}
