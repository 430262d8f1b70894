package dev.loupe.dataset.image;

import java.util.List;

/**
 * Numbers of images that match a filter, by property. The numbers of a property ignore the condition on that property.
 *
 * @param total number of images that match the whole filter
 * @param unlabelled number of images without a label
 * @param labels numbers by label
 * @param splits numbers by split, {@code UNASSIGNED} for images without one
 * @param defects numbers by kind of defect
 * @param formats numbers by format
 * @param products numbers by product
 */
public record ImageFacets(
        int total,
        int unlabelled,
        List<FacetValue> labels,
        List<FacetValue> splits,
        List<FacetValue> defects,
        List<FacetValue> formats,
        List<FacetValue> products) {
    public ImageFacets {
        labels = List.copyOf(labels);
        splits = List.copyOf(splits);
        defects = List.copyOf(defects);
        formats = List.copyOf(formats);
        products = List.copyOf(products);
    }

    /** A value of a property, and the number of images that have it. */
    public record FacetValue(String value, int images) {}
}
