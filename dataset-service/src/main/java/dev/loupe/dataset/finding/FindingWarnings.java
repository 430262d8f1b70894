package dev.loupe.dataset.finding;

import dev.loupe.contracts.Split;
import dev.loupe.dataset.project.Project;
import dev.loupe.dataset.quality.FindingKind;
import dev.loupe.dataset.quality.Warning;
import dev.loupe.dataset.quality.Warning.Code;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jdbi.v3.core.Jdbi;

/** The open findings of a project as warnings of a freeze. Accepted and dismissed ones cause none. */
@ApplicationScoped
public class FindingWarnings {
    private final Jdbi jdbi;
    private final FindingSearch search;

    /** @param labels labels of the images */
    public record Group(List<String> images, List<String> labels) {}

    FindingWarnings(Jdbi jdbi, FindingSearch search) {
        this.jdbi = jdbi;
        this.search = search;
    }

    /** Searches the project for findings, unless they are up to date. Must not be called within a transaction. */
    public void search(Project project) {
        search.search(project);
    }

    /**
     * Returns the warnings of a version.
     *
     * @param splits split of each image of the version, by digest
     */
    public List<Warning> warnings(Project project, Map<String, Split> splits) {
        List<Warning> warnings = new ArrayList<>();
        duplicates(project, splits, warnings);
        Map<FindingKind, Integer> open = open(project);
        add(
                warnings,
                Code.EXPOSURE_OUTLIERS,
                FindingKind.EXPOSURE,
                open,
                "%d %s much darker or brighter than the others");
        add(warnings, Code.BLURRED_IMAGES, FindingKind.BLUR, open, "%d %s much less sharp than the others");
        add(warnings, Code.SIZE_OUTLIERS, FindingKind.SIZE, open, "%d %s of another size or shape than the others");
        add(
                warnings,
                Code.LIKELY_WRONG_LABELS,
                FindingKind.LIKELY_WRONG_LABEL,
                open,
                "%d %s probably labelled wrongly, according to a training run");
        int alike = open.getOrDefault(FindingKind.LITTLE_DIVERSITY, 0);
        if (alike > 0) {
            warnings.add(new Warning(
                    Code.LITTLE_DIVERSITY,
                    "%d %s little diversity: most of the images look like another one"
                            .formatted(alike, alike == 1 ? "class has" : "classes have"),
                    FindingKind.LITTLE_DIVERSITY));
        }
        return warnings;
    }

    private static void add(
            List<Warning> warnings, Code code, FindingKind kind, Map<FindingKind, Integer> open, String message) {
        int images = open.getOrDefault(kind, 0);
        if (images > 0) {
            warnings.add(new Warning(code, message.formatted(images, images == 1 ? "image is" : "images are"), kind));
        }
    }

    private Map<FindingKind, Integer> open(Project project) {
        Map<FindingKind, Integer> open = new HashMap<>();
        jdbi.useHandle(handle -> handle.createQuery("""
                        select kind, count(*) as number from finding
                        where project_id = :project and present and state = 'OPEN' group by kind""")
                .bind("project", project.id())
                .map((rs, _) -> open.put(FindingKind.valueOf(rs.getString("kind")), rs.getInt("number")))
                .list());
        return open;
    }

    /** Compares the splits of this version: images without a split have one now. */
    private void duplicates(Project project, Map<String, Split> splits, List<Warning> warnings) {
        List<Group> groups = jdbi.withHandle(handle -> handle.createQuery("""
                        select images, array(
                            select distinct label from image i
                            where i.project_id = f.project_id and i.sha256 = any(f.images) and label is not null) as labels
                        from finding f
                        where project_id = :project and present and state = 'OPEN' and kind = 'NEAR_DUPLICATES'""")
                .bind("project", project.id())
                .mapTo(Group.class)
                .list());
        long acrossSplits = groups.stream()
                .filter(group -> group.images().stream()
                                .map(splits::get)
                                .filter(Objects::nonNull)
                                .distinct()
                                .count()
                        > 1)
                .count();
        if (acrossSplits > 0) {
            warnings.add(new Warning(
                    Code.NEAR_DUPLICATES_ACROSS_SPLITS,
                    "%d %s of images that look alike in more than one split: the evaluation is better than the model"
                            .formatted(acrossSplits, acrossSplits == 1 ? "group" : "groups"),
                    FindingKind.NEAR_DUPLICATES));
        }
        long acrossLabels =
                groups.stream().filter(group -> group.labels().size() > 1).count();
        if (acrossLabels > 0) {
            warnings.add(new Warning(
                    Code.NEAR_DUPLICATES_ACROSS_LABELS,
                    "%d %s of images that look alike with more than one label"
                            .formatted(acrossLabels, acrossLabels == 1 ? "group" : "groups"),
                    FindingKind.NEAR_DUPLICATES));
        }
    }
}
