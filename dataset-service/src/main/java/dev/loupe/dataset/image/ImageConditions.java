package dev.loupe.dataset.image;

import dev.loupe.contracts.Split;
import dev.loupe.contracts.dataset.DatasetManifest;
import dev.loupe.dataset.project.Project;
import dev.loupe.imaging.ImageFormat;
import dev.loupe.service.error.ErrorCode;
import dev.loupe.service.error.Fields;
import dev.loupe.service.error.QuotedInput;
import dev.loupe.service.error.ServiceException;
import java.time.DateTimeException;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jdbi.v3.core.statement.SqlStatement;

/** The conditions of an {@link ImageFilter} in SQL, on the table {@code image i}. Only conditions that apply are in it. */
final class ImageConditions {
    private static final int MAX_TEXT = 255;
    private static final int MAX_VALUES = 100;
    private static final Set<String> SPLITS = names(Split.values(), Images.UNASSIGNED);
    private static final Set<String> FORMATS = names(ImageFormat.values());

    /** Properties whose values are counted; each may have one condition. */
    enum Facet {
        LABEL("label"),
        SPLIT("coalesce(split, '" + Images.UNASSIGNED + "')"),
        DEFECT("case when label = '" + DatasetManifest.ABNORMAL + "' then defect end"),
        FORMAT("format"),
        PRODUCT("product");

        private final String expression;

        Facet(String expression) {
            this.expression = expression;
        }

        String expression() {
            return expression;
        }
    }

    private final Map<Facet, String> facets = new EnumMap<>(Facet.class);
    private final List<String> others = new ArrayList<>();
    private final Map<String, Object> values = new HashMap<>();

    /** @throws ServiceException {@code INVALID_REQUEST} if a value of the filter is invalid */
    ImageConditions(Project project, ImageFilter filter) {
        others.add("i.project_id = :project");
        values.put("project", project.id());
        addLabels(filter);
        addFacet(Facet.DEFECT, filter.defect);
        addFacet(Facet.PRODUCT, filter.product);
        addFacet(Facet.SPLIT, allowed("split", ErrorCode.SPLIT_INVALID, filter.split, SPLITS));
        addFacet(Facet.FORMAT, allowed("format", ErrorCode.INVALID_REQUEST, filter.format, FORMATS));
        addRange("width", filter.minWidth, filter.maxWidth);
        addRange("height", filter.minHeight, filter.maxHeight);
        addRange("size", filter.minSize, filter.maxSize);
        addTime("addedFrom", "i.created_at >= ", filter.addedFrom);
        addTime("addedBefore", "i.created_at < ", filter.addedBefore);
        if (filter.text != null && !filter.text.isEmpty()) {
            Fields.atMost("text", filter.text, MAX_TEXT);
            add("""
                    (position(lower(:text) in lower(i.name)) > 0 or starts_with(i.sha256, lower(:text)))""", "text", filter.text);
        }
        if (filter.conflict) {
            others.add(
                    "exists (select from label_conflict c where c.project_id = i.project_id and c.sha256 = i.sha256)");
        }
    }

    private static Set<String> names(Enum<?>[] constants, String... more) {
        return Stream.concat(Arrays.stream(constants).map(Enum::name), Arrays.stream(more))
                .collect(Collectors.toUnmodifiableSet());
    }

    private void addLabels(ImageFilter filter) {
        addFacet(Facet.LABEL, filter.label);
        if (filter.unlabelled) {
            facets.merge(Facet.LABEL, "i.label is null", (labels, none) -> "(" + labels + " or " + none + ")");
        }
    }

    private void addFacet(Facet facet, List<String> wanted) {
        if (wanted == null || wanted.isEmpty()) {
            return;
        }
        String name = facet.name().toLowerCase(Locale.ROOT);
        Fields.within(name + ": number of values", wanted.size(), 1, MAX_VALUES);
        wanted.forEach(value -> Fields.atMost(name, Fields.requirePresent(name, value), MAX_TEXT));
        facets.put(facet, facet.expression() + " = any(:" + name + ")");
        values.put(name, wanted.toArray(String[]::new));
    }

    private static List<String> allowed(String name, ErrorCode code, List<String> wanted, Set<String> allowed) {
        for (String value : wanted == null ? List.<String>of() : wanted) {
            if (value == null || !allowed.contains(value)) {
                throw new ServiceException(
                        code,
                        name + ": expected one of " + allowed.stream().sorted().toList() + ", got "
                                + (value == null ? "null" : QuotedInput.of(value)));
            }
        }
        return wanted;
    }

    private void addRange(String column, Number least, Number most) {
        String name = Character.toUpperCase(column.charAt(0)) + column.substring(1);
        Fields.atLeast("min" + name, least, 0);
        Fields.atLeast("max" + name, most, least == null ? 0 : least.longValue());
        if (least != null) {
            add("i." + column + " >= :min" + name, "min" + name, least);
        }
        if (most != null) {
            add("i." + column + " <= :max" + name, "max" + name, most);
        }
    }

    private void addTime(String name, String comparison, String time) {
        if (time == null || time.isEmpty()) {
            return;
        }
        try {
            add(comparison + ":" + name, name, OffsetDateTime.parse(time));
        } catch (DateTimeException e) {
            throw new ServiceException(
                    ErrorCode.INVALID_REQUEST,
                    name + ": expected a time such as 2026-11-20T12:00:00Z, got " + QuotedInput.of(time),
                    e);
        }
    }

    private void add(String condition, String name, Object value) {
        others.add(condition);
        values.put(name, value);
    }

    /** All conditions. */
    String all() {
        return Stream.concat(others.stream(), facets.values().stream()).collect(Collectors.joining(" and "));
    }

    /** The conditions on properties that are no facet. */
    String withoutFacets() {
        return String.join(" and ", others);
    }

    /** The condition on a facet. */
    String on(Facet facet) {
        return facets.getOrDefault(facet, "true");
    }

    <T extends SqlStatement<T>> T bind(T statement) {
        values.forEach((name, value) -> {
            if (value instanceof String[] texts) {
                statement.bindArray(name, String.class, (Object[]) texts);
            } else {
                statement.bind(name, value);
            }
        });
        return statement;
    }
}
