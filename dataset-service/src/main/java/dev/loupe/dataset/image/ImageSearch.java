package dev.loupe.dataset.image;

import dev.loupe.dataset.image.ImageConditions.Facet;
import dev.loupe.dataset.image.ImageFacets.FacetValue;
import dev.loupe.dataset.image.ImageOrder.Position;
import dev.loupe.service.error.ErrorCode;
import dev.loupe.service.error.Fields;
import dev.loupe.service.error.ServiceException;
import dev.loupe.service.paging.PageRequest;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.statement.Query;

/** Searches the images of a project. */
@ApplicationScoped
class ImageSearch {
    /** One bit for each facet: set in the rows of {@code group by grouping sets} that do not group by it. */
    private static final int ALL_BITS = (1 << Facet.values().length) - 1;

    private final Jdbi jdbi;

    ImageSearch(Jdbi jdbi) {
        this.jdbi = jdbi;
    }

    /**
     * Lists images in an order: those after the cursor, or those from a position on. Returns up to one image more than
     * the limit.
     *
     * @param offset number of images before the page, null for none
     */
    List<Image> list(ImageConditions conditions, ImageOrder order, PageRequest page, Integer offset) {
        Position after = order.after(page);
        if (after != null && offset != null) {
            throw new ServiceException(ErrorCode.INVALID_REQUEST, "offset: expected no 'cursor' beside it, got both");
        }
        Fields.atLeast("offset", offset, 0);
        // The inner query is answered by an index alone: images before the page are skipped without reading their rows.
        String sql = """
                with page as (
                    select i.sha256, %1$s as key from image i where %2$s
                    order by %3$s limit :limit offset :offset)
                select i.* from page join image i on i.project_id = :project and i.sha256 = page.sha256
                order by %4$s""".formatted(
                        order.key(),
                        after == null ? conditions.all() : conditions.all() + " and " + order.after(),
                        order.by(order.key(), "i.sha256"),
                        order.by("page.key", "page.sha256"));
        return jdbi.withHandle(handle -> {
            Query query = conditions
                    .bind(handle.createQuery(sql))
                    .bind("limit", page.limit() + 1)
                    .bind("offset", offset == null ? 0 : offset);
            if (after != null) {
                query.bind("key", after.key()).bind("sha256", after.sha256());
            }
            return query.map(Images.IMAGE).list();
        });
    }

    /** Counts the images that match all conditions. */
    int count(ImageConditions conditions) {
        return jdbi.withHandle(handle -> conditions
                .bind(handle.createQuery("select count(*) from image i where " + conditions.all()))
                .mapTo(Integer.class)
                .one());
    }

    /**
     * Counts the images by label, split, kind of defect, format and product. The numbers of a facet ignore the condition on that
     * facet: they say what another choice would select.
     */
    ImageFacets facets(ImageConditions conditions) {
        String sql = """
                select grouping(label, split, defect, format, product) as level, label, split, defect, format, product, %s,
                       count(*) filter (where on_label and on_split and on_defect and on_format
                           and on_product) as total
                from (select %s, %s from image i where %s) i
                group by grouping sets ((label), (split), (defect), (format), (product), ())""".formatted(
                        join(facet -> "count(*) filter (where %s) as %s_images"
                                .formatted(join(other -> other == facet ? "true" : "on_" + other, " and "), facet)),
                        join(facet -> facet.expression() + " as " + facet),
                        join(facet -> conditions.on(facet) + " as on_" + facet),
                        conditions.withoutFacets());
        Map<Facet, List<FacetValue>> values = new EnumMap<>(Facet.class);
        int[] numbers = new int[2];
        jdbi.useHandle(handle -> conditions
                .bind(handle.createQuery(sql))
                .map((rs, _) -> {
                    int level = rs.getInt("level");
                    if (level == ALL_BITS) {
                        numbers[0] = rs.getInt("total");
                        return 0;
                    }
                    Facet facet = Facet.values()[
                            Integer.numberOfLeadingZeros(ALL_BITS & ~level) - Integer.numberOfLeadingZeros(ALL_BITS)];
                    String value = rs.getString(facet.name());
                    int images = rs.getInt(facet + "_images");
                    if (value != null && images > 0) {
                        values.computeIfAbsent(facet, _ -> new ArrayList<>()).add(new FacetValue(value, images));
                    } else if (facet == Facet.LABEL && value == null) {
                        numbers[1] = images;
                    }
                    return 0;
                })
                .list());
        return new ImageFacets(
                numbers[0],
                numbers[1],
                sorted(values, Facet.LABEL),
                sorted(values, Facet.SPLIT),
                sorted(values, Facet.DEFECT),
                sorted(values, Facet.FORMAT),
                sorted(values, Facet.PRODUCT));
    }

    private static List<FacetValue> sorted(Map<Facet, List<FacetValue>> values, Facet facet) {
        return values.getOrDefault(facet, List.of()).stream()
                .sorted(Comparator.comparing(FacetValue::value))
                .toList();
    }

    private static String join(Function<Facet, String> text) {
        return join(text, ", ");
    }

    private static String join(Function<Facet, String> text, String separator) {
        return Arrays.stream(Facet.values()).map(text).collect(Collectors.joining(separator));
    }
}
